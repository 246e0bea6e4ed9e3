//! Remediation: what would put findings right, what keeps everything else, and how a plan is carried out.
//!
//! ```text
//! Assessment + Inventory ── plan ──► Plan ── (people review it) ── apply ──► Executor ──► AWS
//!                            │ guards                                │ re-checks, journal
//!                            └──► kept, left                         └──► outcomes, records for the log
//! ```
//!
//! Nothing here reads a clock, a file or a network: instants are arguments, the world is an [`Executor`]
//! (port), and the journal is given. Nothing is deleted that a plan did not name, and nothing that it named
//! if a fact moved.
//!
//! [`Executor`]: port::Executor

pub mod apply;
pub mod guard;
pub mod journal;
pub mod plan;
pub mod port;
pub mod price;
pub mod sample;
pub mod sweep;

pub use plan::{Wanted, plan};
