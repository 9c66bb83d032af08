//! The floor: the same request by reqwest alone, without Python, our rules, or a second thread.
//!
//! `floor URL TOKEN CONCURRENCY SECONDS` prints one line of JSON, as `client.py` does for the Python clients.

#![expect(clippy::disallowed_methods, reason = "it measures reqwest itself: it owns HTTP, time and tasks here")]
#![expect(clippy::print_stdout, reason = "the figures are told on standard output")]

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Connections are opened and code is paged in before the clock starts.
const WARM_UP: Duration = Duration::from_millis(200);

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, token, concurrency, seconds] = arguments.as_slice() else {
        return Err("usage: floor URL TOKEN CONCURRENCY SECONDS".into());
    };
    let (concurrency, seconds) = (concurrency.parse()?, Duration::try_from_secs_f64(seconds.parse()?)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let caller =
            Caller { client: reqwest::Client::builder().no_proxy().build()?, url: url.clone(), token: token.clone() };
        run(&caller, concurrency, WARM_UP).await?;
        let start = Instant::now();
        let calls = run(&caller, concurrency, seconds).await?;
        println!("{{\"calls\": {calls}, \"seconds\": {}}}", start.elapsed().as_secs_f64());
        Ok(())
    })
}

/// How many calls fit into this time.
async fn run(caller: &Caller, concurrency: usize, length: Duration) -> Outcome<u64> {
    let end = Instant::now() + length;
    let mut workers = JoinSet::new();
    for _ in 0..concurrency {
        let caller = caller.clone();
        workers.spawn(async move {
            let mut calls = 0_u64;
            while Instant::now() < end {
                caller.call().await?;
                calls += 1;
            }
            Outcome::Ok(calls)
        });
    }
    let mut calls = 0;
    while let Some(worker) = workers.join_next().await {
        calls += worker??;
    }
    Ok(calls)
}

#[derive(Clone)]
struct Caller {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Caller {
    async fn call(&self) -> Outcome<()> {
        let request = self.client.post(&self.url).bearer_auth(&self.token).header("content-type", "application/json");
        let response = request.body(r#"{"type": "start"}"#).send().await?.error_for_status()?;
        let answer: serde_json::Value = serde_json::from_slice(&response.bytes().await?)?;
        if answer.is_object() { Ok(()) } else { Err(io::Error::other("no JSON object").into()) }
    }
}
