//! The nouns of lastgood: what was observed, what it means, and what was concluded.
//!
//! Here live plain data types and pure functions over them. No I/O, no clock, no SDK type and no
//! policy may enter: everything that needs the present instant takes it as an argument.
//!
//! ```text
//! Inventory ── resources, recovery points, plans, activities, reads, gaps      (what AWS said)
//!     └─ Estate ── the same, indexed: whose points, whose plans                (a borrowed view)
//! Judgement ── outcome + sentence + observed facts + evidence                  (what a check says)
//!     └─ Assessment ── every verdict of one run, and its totals                (what is reported)
//! ```

pub mod activity;
pub mod application;
pub mod arn;
pub mod assessment;
pub mod attestation;
pub mod baseline;
pub mod coverage;
pub mod declared;
pub mod dlm;
pub mod estate;
pub mod fact;
pub mod framework;
pub mod gap;
pub mod glob;
pub mod instant;
pub mod inventory;
pub mod judgement;
pub mod kind;
pub mod kms;
pub mod ledger;
pub mod log;
pub mod notification;
pub mod outcome;
pub mod period;
pub mod plan;
pub mod protection;
pub mod reach_back;
pub mod recovery;
pub mod recovery_point;
pub mod resource;
pub mod schedule;
pub mod span;
pub mod text;

/// An instant in UTC; every time inside lastgood is one.
pub type Instant = chrono::DateTime<chrono::Utc>;
