//! Reading AWS: the only asynchronous code, and the only place that knows the SDK.
//!
//! ```text
//! Options ─ session ─► accounts × regions ─► place ─┬─ ec2 ────┐
//!                                                   ├─ backup ─┼─► found, counts, gaps ─ link ─► Inventory
//!                                                   ├─ s3 ─────┤
//!                                                   └─ … ──────┘
//! ```
//!
//! Every request goes through a [`Place`](place), which bounds how many are under way, turns each
//! failure into a gap (`failure`, the one place that interprets errors) and counts what was answered.
//! A call is recorded as read only when every question asked by it was answered to the end.

mod artefacts;
mod backup;
pub mod calls;
mod collect;
mod convert;
mod dlm;
mod dynamodb;
mod ec2;
mod efs;
mod error;
mod events;
mod execute;
mod failure;
mod join;
mod kms;
mod notify;
mod options;
mod pages;
mod place;
mod rds;
mod s3;
mod session;
mod sns;

pub use artefacts::{ObjectRef, look};
pub use collect::{Collected, Progress, Silent, collect};
pub use error::CollectError;
pub use execute::AwsExecutor;
pub use notify::{Notice, publish};
pub use options::{Keys, Options, Patience};
