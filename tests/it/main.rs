//! Every integration test, in one binary, so that the SDK is linked once.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails, and helpers of tests are tests"
)]
#![cfg_attr(feature = "aws", expect(clippy::expect_used, reason = "as above, with a word on what is missing"))]

#[cfg(feature = "aws")]
mod aws;
mod cel;
mod checks;
mod cli;
mod cloudformation;
mod docs;
mod evaluate;
mod evidence;
mod fixture;
mod gate;
mod history;
mod image;
mod layers;
mod logs;
mod notify;
mod policies;
mod recovery;
mod remediate;
mod reports;
mod robust;
mod schemas;
