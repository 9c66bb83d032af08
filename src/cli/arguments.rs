//! Arguments that several subcommands take, each with its words of help.

use std::str::FromStr;

use clap::Args as ClapArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::error::Error;
use crate::model::ConversationId;

/// The conversation that a subcommand is about.
#[derive(Debug, ClapArgs)]
pub(super) struct Subject {
    /// The conversation; after -- if it begins with a -
    #[arg(value_name = "ID")]
    conversation: String,
}

impl Subject {
    pub(super) fn id(&self) -> Result<ConversationId, Error> {
        self.conversation.parse()
    }
}

/// One of these words, which the help lists.
pub(super) fn one_of<T>(words: impl IntoIterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = Error> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}
