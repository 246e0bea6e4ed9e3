//! Dated, attributed, expiring statements of people, for what no API can show.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Instant;
use super::activity::EvidenceFile;
use super::text::Text;

/// The call whose [`Read`](super::gap::Read) proves that the attestation register was read to its end.
pub const REGISTER: &str = "attestations:ReadRegister";

/// What is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttestationKind {
    /// Something was reviewed.
    Review,
    /// A procedure is written down, and the evidence is its text.
    Procedure,
    /// Anything else that the clause demands is so.
    Statement,
}

impl AttestationKind {
    /// The name in registers, flags and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Procedure => "procedure",
            Self::Statement => "statement",
        }
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// Its id in the register.
    pub id: Text,
    /// The clause that it is about.
    pub clause: Text,
    /// What is stated.
    pub kind: AttestationKind,
    /// The statement.
    pub statement: Text,
    /// Who states it: for reviews, the reviewer.
    pub by: Text,
    /// Who did what was reviewed, or owns the procedure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performed_by: Option<Text>,
    /// The day of which it speaks.
    pub on: NaiveDate,
    /// The last day on which it holds.
    pub valid_until: NaiveDate,
    /// When it was written down; much later than `on` it is late.
    pub recorded_at: Instant,
    /// The application that it is about; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Text>,
    /// Files that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceFile>,
    /// The id of an earlier statement that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<Text>,
}
