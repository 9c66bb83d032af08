//! Where the ids come from: the command line, a file or a pipe. A file is read on a thread, a few ids ahead.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread;

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use crate::error::Error;

/// So many ids are read ahead.
const AHEAD: usize = 512;
/// No line of ids is longer than this many bytes.
const LONGEST: usize = 64 * 1024;

/// Ids as they come.
pub(super) struct Ids {
    pub(super) stream: BoxStream<'static, String>,
    /// How many there are, if that is known.
    pub(super) count: Option<usize>,
    pub(super) trouble: Trouble,
}

/// Why not all ids came. The stream ends only when somebody has heard of it: else the run would be taken for complete.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    error: Option<Error>,
    heard: bool,
}

impl Ids {
    /// These.
    pub(super) fn of(ids: Vec<String>) -> Self {
        Self { count: Some(ids.len()), stream: stream::iter(ids).boxed(), trouble: Trouble::default() }
    }

    /// Those of a file, one a line; `-` is stdin. Blank lines, and those that begin with a `#`, are skipped.
    pub(super) fn from(path: &Path) -> Result<Self, Error> {
        let input: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let file = File::open(path);
            Box::new(file.map_err(|error| Error::Config(format!("{} cannot be read: {error}.", path.display())))?)
        };
        let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
        let (tell, inbox) = mpsc::channel(AHEAD);
        thread::spawn(move || read(BufReader::new(input), &name, &tell));
        let trouble = Trouble::default();
        Ok(Self { stream: Lines { inbox, trouble: trouble.clone() }.boxed(), count: None, trouble })
    }
}

impl Trouble {
    /// Is there any that nobody has heard of? Now somebody has.
    pub(super) fn is_news(&self) -> bool {
        let mut state = self.lock();
        state.error.is_some() && !std::mem::replace(&mut state.heard, true)
    }

    pub(super) fn error(&self) -> Option<Error> {
        self.lock().error.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Lines {
    inbox: mpsc::Receiver<Result<String, Error>>,
    trouble: Trouble,
}

impl Stream for Lines {
    type Item = String;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<String>> {
        let trouble = self.trouble.clone();
        let mut trouble = trouble.lock();
        if trouble.error.is_some() {
            // Whoever polls looks for trouble then, and polls again.
            return if trouble.heard { Poll::Ready(None) } else { Poll::Pending };
        }
        match ready!(self.inbox.poll_recv(context)).transpose() {
            Ok(id) => Poll::Ready(id),
            Err(error) => {
                trouble.error = Some(error);
                Poll::Pending
            }
        }
    }
}

/// Reads ids until the end, or until nobody wants any more.
fn read(input: impl BufRead, name: &str, tell: &mpsc::Sender<Result<String, Error>>) {
    let told = lines(input, name, |id| tell.blocking_send(Ok(id)).is_ok());
    if let Err(error) = told {
        let _ = tell.blocking_send(Err(error)); // nobody wants it
    }
}

fn lines(mut input: impl BufRead, name: &str, mut give: impl FnMut(String) -> bool) -> Result<(), Error> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        let read = input.by_ref().take(longest).read_until(b'\n', &mut line);
        let read = read.map_err(|error| Error::Config(format!("{name} cannot be read: {error}.")))?;
        if read == 0 {
            break;
        }
        if read == LONGEST && !line.ends_with(b"\n") {
            return Err(Error::Config(format!("Line {number} of {name} is too long to be a conversation id.")));
        }
        let Ok(text) = str::from_utf8(&line) else {
            return Err(Error::Config(format!("Line {number} of {name} is not UTF-8 text.")));
        };
        let id = text.trim_start_matches('\u{feff}').trim();
        if !id.is_empty() && !id.starts_with('#') && !give(id.to_owned()) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> (Vec<String>, Option<String>) {
        let mut ids = Vec::new();
        let ended = lines(text, "f", |id| {
            ids.push(id);
            true
        });
        (ids, ended.err().map(|error| error.to_string()))
    }

    #[test]
    fn an_id_a_line_and_nothing_else() {
        let (ids, error) = all("\u{feff}a\r\n\n  # no\n b c \n\t\n#\nd".as_bytes());
        assert_eq!((ids, error), (vec!["a".into(), "b c".into(), "d".into()], None));
    }

    #[test]
    fn what_is_no_line_of_text_ends_it_with_its_number() {
        assert_eq!(all(b"a\n\xff\xfe\nb\n"), (vec!["a".into()], Some("Line 2 of f is not UTF-8 text.".into())));
        let long = [b"a\n".as_slice(), &vec![b'x'; 2 * LONGEST]].concat();
        let (ids, error) = all(&long);
        assert_eq!((ids.len(), error.unwrap().contains("Line 2 of f is too long")), (1, true));
    }
}
