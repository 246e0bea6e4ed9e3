//! What earlier scans saw, kept: AWS forgets jobs after 30 days and a pruned recovery point on day 36, an auditor asks
//! about a year.
//!
//! ```text
//! Inventory + Assessment ── scan ──► rows ── store::append ──► SQLite or PostgreSQL   (one transaction)
//!                                                                  │
//!   runs, diff, trend, gaps, prune log ◄── store::load ────────────┤
//!   PeriodEvidence ◄───────────────────────────────────────────────┤
//!   activities that AWS forgot ──► Inventory ◄─────────────────────┘
//! ```
//!
//! Only [`store`] does I/O. What a run concluded is kept twice: as spans (rule, thing, outcome, first run, last run),
//! by which periods are judged, and losslessly as pieces of its JSON, each kept once however many runs share it.

pub mod diff;
pub mod forgotten;
pub mod gaps;
pub mod prune;
mod scan;
pub mod store;
pub mod trend;

use crate::model::Instant;
use crate::model::assessment::{PolicyRef, Summary};
use crate::model::gap::Gap;
use crate::model::text::Text;

pub use scan::{Reach, Scan};

/// A run, as `history runs` lists it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RunRow {
    /// Its number in the store, in the order of appending.
    pub number: i64,
    /// Its id.
    pub id: Text,
    /// Its series: runs of one policy over the same source, accounts and regions.
    pub stream: i64,
    /// The instant for which it judged.
    pub as_of: Instant,
    /// When its inventory was read.
    pub captured_at: Instant,
    /// The policy.
    pub policy: PolicyRef,
    /// Digest of its inventory.
    pub inventory: Text,
    /// Where the inventory came from.
    pub source: Text,
    /// Who read it.
    pub caller: Option<Text>,
    /// The accounts.
    pub accounts: Vec<Text>,
    /// The regions.
    pub regions: Vec<Text>,
    /// Verdicts by outcome.
    pub summary: Summary,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}
