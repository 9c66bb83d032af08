//! The nouns of the domain, a file each. Words that we do not know survive.

mod action;
mod call_source;
mod command;
mod conversation;
mod conversation_id;
mod document;
mod event;
mod media_format;
pub mod moment;
mod participant_id;
mod reading;
mod receipt;
mod recording;
mod state;
mod token;
mod who;

pub use action::Action;
pub use call_source::CallSource;
pub use command::{Command, Recorder};
pub use conversation::{Conversation, Participant};
pub use conversation_id::ConversationId;
pub use document::{Document, Flaw};
pub use event::{CallEvent, Event, Gap, GapReason, Happening, PauseAlarm, SeenBy};
pub use media_format::MediaFormat;
pub use participant_id::ParticipantId;
pub use reading::Reading;
pub use receipt::{Proof, Receipt, RecordingStatus, Settled};
pub use recording::{Annotation, Pause, Recording};
pub use state::{Basis, State, Target};
pub use token::{AccessToken, Grant};
pub use who::Who;
