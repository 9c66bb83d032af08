//! Active calls come in pages; what a page holds depends on where they are listed.

use std::time::SystemTime;

use crate::model::{CallSource, Conversation, ConversationId};

/// Which page of which list.
#[derive(Clone, Copy, Debug)]
pub struct PageOf {
    /// The list.
    pub source: CallSource,
    /// The page's number, from 1 on.
    pub number: u32,
    /// How many rows it is to have.
    pub size: usize,
    /// For a search: the calls that began in this time.
    pub began: (SystemTime, SystemTime),
}

/// What a page holds.
#[derive(Debug)]
pub struct Page {
    /// In the server's order.
    pub rows: Vec<Row>,
    /// The number of the next page; None: this was the last.
    pub next: Option<u32>,
}

/// One of the calls.
#[derive(Clone, Debug)]
pub enum Row {
    /// A call that was live when the server answered.
    Call(Box<Conversation>),
    /// One that may have ended meanwhile, and is to be read.
    Found(ConversationId),
    /// One that has ended, although such were not asked for.
    Ended(ConversationId),
}

impl Row {
    /// Which conversation it is.
    pub fn id(&self) -> &str {
        match self {
            Self::Call(call) => &call.id,
            Self::Found(id) | Self::Ended(id) => id.as_str(),
        }
    }
}
