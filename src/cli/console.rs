//! The terminal: data on stdout, all else on stderr, colour only where a person looks.

use std::io::{self, BufRead, IsTerminal, Write};
use std::thread;

use tokio::sync::oneshot;

use super::exit;
use super::foreign::{brief, printable};
use crate::config::{Environment, Sources};

/// Where the command reads and writes.
pub(super) struct Console {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    out_colour: bool,
    err_colour: bool,
    /// Is data shown to a person?
    shows_data: bool,
    /// The line of progress that stands on stderr now; None where nobody looks.
    progress: Option<String>,
    /// Why no more data can be written.
    lost: Option<io::Error>,
}

/// A colour, and what it stands for.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Good,
    Bad,
    Quiet,
}

impl Console {
    /// The process's own streams.
    pub(super) fn system() -> Self {
        let obeys = Environment.get("TERM").as_deref() != Some("dumb");
        let wanted = Environment.get("NO_COLOR").is_none() && obeys;
        let shows_data = io::stdout().is_terminal();
        Self {
            out_colour: wanted && shows_data,
            err_colour: wanted && io::stderr().is_terminal(),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            shows_data,
            progress: (obeys && io::stderr().is_terminal()).then(String::new),
            lost: None,
        }
    }

    /// A line of data.
    pub(super) fn data(&mut self, line: &str) {
        self.block(&format!("{line}\n"));
    }

    /// Data as it stands; false where no more of it is of use. A closed pipe (`| head`) is no failure of ours; a full
    /// disk is.
    pub(super) fn block(&mut self, text: &str) -> bool {
        if self.lost.is_none() {
            self.lost = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()).err();
        }
        self.lost.is_none()
    }

    /// Is data shown to a person, on a terminal?
    pub(super) fn shows_data(&self) -> bool {
        self.shows_data
    }

    /// Data that was written elsewhere was lost.
    pub(super) fn lose(&mut self, error: io::Error) {
        self.lost.get_or_insert(error);
    }

    /// Does a person look at what is not data?
    pub(super) fn is_watched(&self) -> bool {
        self.progress.is_some()
    }

    /// How far it is, in place of what stood there before; nothing takes it away.
    pub(super) fn progress(&mut self, line: &str) {
        let Some(before) = &self.progress else { return };
        if line != before {
            let width = before.chars().count();
            let end = if line.is_empty() { "\r" } else { "" };
            let _ = write!(self.err, "\r{line:<width$}{end}").and_then(|()| self.err.flush());
            self.progress = Some(line.to_owned());
        }
    }

    /// A new line where a terminal has shown `^C`, and perhaps progress before it.
    pub(super) fn break_line(&mut self) {
        if self.is_watched() {
            self.note("");
        }
    }

    /// The exit code of a command that ended with `code`: data that could not be written is a failure.
    pub(super) fn exit_code(mut self, code: u8) -> u8 {
        let lost = self.lost.take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
        let Some(error) = lost else { return code };
        self.complain(&format!("The output could not be written: {error}."), "");
        if code == exit::DONE { exit::FAILED } else { code }
    }

    /// A line for people.
    pub(super) fn note(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    /// A word of data in colour, where colour is shown.
    pub(super) fn tinted(&self, tone: Tone, word: &str) -> String {
        if self.out_colour { tint(tone, word) } else { word.to_owned() }
    }

    /// What went wrong, in a sentence, and the way out.
    pub(super) fn complain(&mut self, sentence: &str, hint: &str) {
        // Both may hold words of others: a path, a server's answer.
        let (sentence, hint) = (printable(&brief(sentence)).into_owned(), printable(hint));
        let colour = self.err_colour;
        let word = |tone, word: &str| if colour { tint(tone, word) } else { word.to_owned() };
        self.note(&format!("{} {sentence}", word(Tone::Bad, "error:")));
        if !hint.is_empty() {
            self.note(&format!("{} {hint}", word(Tone::Good, "hint:")));
        }
    }

    /// Is somebody there to answer?
    #[expect(clippy::unused_self, reason = "it is a question to the terminal")]
    pub(super) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question; None where nobody is there to answer.
    pub(super) async fn confirm(&mut self, question: &str) -> Option<bool> {
        if !self.can_ask() {
            return None;
        }
        let _ = write!(self.err, "{question} [y/N] ").and_then(|()| self.err.flush());
        // On a thread of its own, so that Ctrl-C is heard here meanwhile.
        let (tell, told) = oneshot::channel();
        thread::spawn(move || {
            let mut answer = String::new();
            let read = io::stdin().lock().read_line(&mut answer);
            tell.send(read.map(|_| answer))
        });
        let answer = told.await.ok()?.ok()?;
        Some(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

fn tint(tone: Tone, word: &str) -> String {
    let code = match tone {
        Tone::Good => 32,
        Tone::Bad => 31,
        Tone::Quiet => 2,
    };
    format!("\u{1b}[{code}m{word}\u{1b}[0m")
}
