//! The server: TLS and HTTP/2, keep-alive, stopping, many at once.

use futures_util::future::join_all;
use gcrec::sim::{Fault, Options, Reset, Route, SimError, Simulator, State};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::sim_raw::{Caller, End, GRANT, address, manual, noted, read_all, read_until, request, soon};

#[expect(clippy::disallowed_methods, reason = "a client that we did not write")]
fn trusting(sim: &Simulator) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(sim.ca_pem().unwrap().as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([ca]).no_proxy().build().unwrap()
}

async fn token(client: &reqwest::Client, base_url: &str, sim: &Simulator) -> reqwest::Result<reqwest::Response> {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let asked = client.post(format!("{base_url}/oauth/token")).header(form[0].0, form[0].1);
    asked.basic_auth(sim.client_id(), Some(sim.client_secret())).body(GRANT).send().await
}

#[tokio::test]
async fn over_tls_it_speaks_http_2_to_who_trusts_its_authority() {
    let sim = manual(Options { tls: true, ..Options::default() }).await;
    assert!(sim.base_url().starts_with("https://127.0.0.1:"));
    let client = trusting(&sim);
    let answer = token(&client, sim.base_url(), &sim).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
    let named = sim.base_url().replace("127.0.0.1", "localhost");
    assert_eq!(token(&client, &named, &sim).await.unwrap().status(), 200);
    let steered = client.get(format!("{}/simulation/state", sim.base_url())).send().await.unwrap();
    assert_eq!(steered.status(), 200);
    assert!(manual(Options::default()).await.ca_pem().is_none());
}

#[tokio::test]
async fn faults_reach_http_2_too() {
    let sim = manual(Options { tls: true, ..Options::default() }).await;
    let client = trusting(&sim);
    sim.fail(Fault { reset: Some(Reset::Before), ..Fault::on(Route::Token) }).unwrap();
    assert!(token(&client, sim.base_url(), &sim).await.is_err());
    sim.fail(Fault { truncate: true, ..Fault::on(Route::Token) }).unwrap();
    match token(&client, sim.base_url(), &sim).await {
        Ok(answer) => assert!(answer.bytes().await.is_err()),
        Err(error) => assert!(!error.is_connect()),
    }
    assert_eq!(token(&client, sim.base_url(), &sim).await.unwrap().status(), 200);
}

#[tokio::test]
async fn nobody_else_trusts_that_authority() {
    let (sim, other) =
        (manual(Options { tls: true, ..Options::default() }).await, Options { tls: true, ..Options::default() });
    let client = trusting(&manual(other).await);
    assert!(token(&client, sim.base_url(), &sim).await.unwrap_err().is_connect());
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let sim = manual(Options::default()).await;
    let mut stream = TcpStream::connect(address(&sim)).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut received = Vec::new();
        read_until(&mut stream, &mut received, b"\"errors\":[]}").await;
        assert!(received.starts_with(b"HTTP/1.1 404"));
    }
    assert_eq!(sim.requests().len(), 3);
}

#[tokio::test]
async fn stopping_ends_connections_and_frees_the_port() {
    let sim = manual(Options::default()).await;
    sim.fail(Fault { delay: Some(3_600.0), ..Fault::on(Route::Any) }).unwrap();
    let mut waiting = TcpStream::connect(address(&sim)).await.unwrap();
    waiting.write_all(request(address(&sim), "GET", "/", &[], "").as_bytes()).await.unwrap();
    noted(&sim, 1).await;
    soon(sim.stop()).await;
    soon(sim.stop()).await;
    assert_eq!(read_all(&mut waiting).await, (Vec::new(), End::Closed));
    assert!(TcpStream::connect(address(&sim)).await.is_err());
    let port = address(&sim).rsplit(':').next().unwrap().parse().unwrap();
    let next = Simulator::start(Options { port, ..Options::default() }).await.unwrap();
    assert_eq!(next.base_url(), sim.base_url());
}

#[tokio::test]
async fn dropping_the_last_handle_stops_it_and_dropping_another_does_not() {
    let sim = manual(Options::default()).await;
    drop(sim.clone());
    let mut stream = TcpStream::connect(address(&sim)).await.unwrap();
    drop(sim);
    assert_eq!(read_all(&mut stream).await.0, Vec::<u8>::new());
}

#[tokio::test]
async fn a_taken_port_and_options_without_sense_are_errors_in_words() {
    let sim = manual(Options::default()).await;
    let port = address(&sim).rsplit(':').next().unwrap().parse().unwrap();
    let error = Simulator::start(Options { port, ..Options::default() }).await.unwrap_err();
    assert!(matches!(error, SimError::Bind { .. }) && error.to_string().contains(&port.to_string()));
    let error = Simulator::start(Options { rate_limit: Some(0), ..Options::default() }).await.unwrap_err();
    assert_eq!(error.to_string(), "rate_limit must be at least 1, or None for no limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_each_is_answered_and_one_start_wins() {
    let sim = manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    let answers = join_all((0..100).map(|_| caller.control(&id, "start"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 99);
    assert_eq!((sim.state(&id).unwrap(), sim.requests().len()), (State::Recording, 101));
}
