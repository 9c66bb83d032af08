//! Lists: a table for people, JSON, JSON lines or CSV for programs, row by row and in constant memory.

use std::fmt::Write;

use clap::Args as ClapArgs;
use tokio::task::yield_now;

use super::console::Console;
use super::foreign;

/// So much is gathered before it is written.
const BLOCK: usize = 32 * 1024;

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Table,
    Json,
    JsonLines,
    Csv,
}

/// The choice of it.
#[derive(Clone, Copy, Debug, ClapArgs)]
#[group(multiple = false)]
pub(super) struct FormArgs {
    /// Print one JSON document, a list
    #[arg(long)]
    json: bool,
    /// Print a line of JSON for each row
    #[arg(long)]
    jsonl: bool,
    /// Print CSV
    #[arg(long)]
    csv: bool,
}

impl FormArgs {
    pub(super) fn form(self) -> Form {
        match self {
            Self { json: true, .. } => Form::Json,
            Self { jsonl: true, .. } => Form::JsonLines,
            Self { csv: true, .. } => Form::Csv,
            _ => Form::Table,
        }
    }
}

/// A column's name, and its least width in a table; None: it is not in the table.
pub(super) type Column = (&'static str, Option<usize>);

/// What can be a row.
pub(super) trait Row {
    /// The columns, in their order.
    const COLUMNS: &'static [Column];
    /// A cell for each column; an empty one says nothing.
    fn cells(&self) -> Vec<String>;
    /// The row as JSON.
    fn json(&self) -> String;
}

/// Rows on their way to text.
pub(super) struct Sheet {
    form: Form,
    /// Is it shown to a person?
    shown: bool,
    text: String,
    rows: usize,
}

impl Sheet {
    pub(super) fn new(form: Form, shown: bool) -> Self {
        Self { form, shown, text: String::new(), rows: 0 }
    }

    /// One more row.
    pub(super) fn row<R: Row>(&mut self, row: &R) {
        if self.rows == 0 {
            self.begin::<R>();
        }
        self.rows += 1;
        match self.form {
            Form::Json => {
                self.text.push_str(if self.rows == 1 { "[" } else { ",\n " });
                self.text.push_str(&row.json());
            }
            Form::JsonLines => self.line(&row.json()),
            Form::Csv => self.csv(&row.cells()),
            Form::Table => self.table::<R>(&row.cells()),
        }
    }

    /// There are no more rows.
    pub(super) fn end<R: Row>(&mut self) {
        if self.rows == 0 {
            self.begin::<R>();
        }
        match (self.form, self.rows) {
            (Form::Json, 0) => self.line("[]"),
            (Form::Json, _) => self.line("]"),
            _ => {}
        }
    }

    /// What there is to be printed.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn begin<R: Row>(&mut self) {
        let names: Vec<_> = R::COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
        match self.form {
            Form::Csv => self.csv(&names),
            Form::Table => self.table::<R>(&names),
            Form::Json | Form::JsonLines => {}
        }
    }

    fn csv(&mut self, cells: &[String]) {
        let shown = self.shown;
        let cells =
            cells.iter().map(|text| if shown { foreign::cell(&foreign::printable(text)) } else { foreign::cell(text) });
        let line = cells.collect::<Vec<_>>().join(",");
        self.line(&line);
    }

    fn table<R: Row>(&mut self, cells: &[String]) {
        let mut line = String::new();
        for (cell, (_, width)) in cells.iter().zip(R::COLUMNS) {
            let Some(width) = *width else { continue };
            let cell = if cell.is_empty() { "-".into() } else { foreign::printable(cell) };
            let _ = write!(line, "{cell:<width$}  "); // to a string: cannot fail
        }
        self.line(line.trim_end());
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// A list on its way out.
pub(super) struct List<'a> {
    console: &'a mut Console,
    sheet: Sheet,
}

impl<'a> List<'a> {
    pub(super) fn new(console: &'a mut Console, form: Form) -> Self {
        let sheet = Sheet::new(form, console.shows_data());
        Self { console, sheet }
    }

    /// One more row. False: nobody reads any more.
    pub(super) async fn row<R: Row>(&mut self, row: &R) -> bool {
        self.sheet.row(row);
        if self.sheet.text.len() < BLOCK {
            return true;
        }
        let read = self.flush();
        yield_now().await; // a moment in which Ctrl-C is heard
        read
    }

    /// There are no more rows; gives how many there were.
    pub(super) fn end<R: Row>(mut self) -> usize {
        self.sheet.end::<R>();
        self.break_off()
    }

    /// It breaks off: what is there is printed, and a JSON document is left without its end. Gives how many rows there were.
    pub(super) fn break_off(mut self) -> usize {
        self.flush();
        self.sheet.rows
    }

    /// What is there is printed now. False: nobody reads any more.
    pub(super) fn flush(&mut self) -> bool {
        let text = self.sheet.take();
        self.console.block(&text)
    }
}
