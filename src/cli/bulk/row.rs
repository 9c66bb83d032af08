//! An outcome as a row.

use crate::api::Outcome;
use crate::cli::documents::OutcomeDocument;
use crate::cli::list::{Column, Row};
use crate::cli::{error_report, foreign};
use crate::error::Error;
use crate::model::State;
use crate::model::moment::utc;

impl Row for Outcome {
    /// They are never a table: rows come as they settle.
    const COLUMNS: &'static [Column] = &[
        ("conversation_id", None),
        ("kind", None),
        ("state", None),
        ("state_before", None),
        ("commands_sent", None),
        ("status_code", None),
        ("correlation_id", None),
        ("sent_at", None),
        ("observed_at", None),
        ("elapsed", None),
        ("error", None),
        ("message", None),
    ];

    fn cells(&self) -> Vec<String> {
        let (proof, error) = (self.proof.as_ref(), self.error.as_ref());
        let receipt = self.receipt.as_ref().or(proof.and_then(|proof| proof.receipt.as_ref()));
        let status_code = receipt.map(|receipt| receipt.status_code).or(error.and_then(Error::status_code));
        let cells = [
            Some(self.conversation_id.clone()),
            Some(self.kind.to_string()),
            proof.map(|proof| proof.state.to_string()),
            proof.and_then(|proof| proof.before).map(|state: State| state.to_string()),
            proof.map(|proof| proof.commands_sent.to_string()),
            status_code.map(|code| code.to_string()),
            receipt.and_then(|receipt| receipt.correlation_id.clone()),
            receipt.map(|receipt| utc(receipt.sent_at)),
            proof.map(|proof| utc(proof.observed_at)),
            Some(format!("{:.3}", self.elapsed.as_secs_f64())),
            error.map(|error| error.kind().name().to_owned()),
            error.map(|error| error_report::in_a_shell(&error.to_string())),
        ];
        cells.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn json(&self) -> String {
        foreign::json(&OutcomeDocument::from(self))
    }
}
