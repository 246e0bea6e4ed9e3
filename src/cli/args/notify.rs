//! Who is told of what a scan found.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::log::duration;

/// Who is told, and what is new.
#[derive(Debug, Args)]
pub(in crate::cli) struct NotifyArgs {
    /// Tell of new failures, repaired ones, and what could not be seen: sns:TOPIC_ARN, webhook:URL or
    /// command:PROGRAM ARGUMENT…; repeatable
    ///
    /// Nothing is sent when nothing changed. That somebody could not be told is a warning, and changes neither the
    /// result nor the exit code.
    #[arg(long, value_name = "TARGET", requires = "told")]
    pub(in crate::cli) notify: Vec<String>,
    /// Compare with what this file remembers to have told, and remember; it is written when all have been told
    #[arg(long, value_name = "FILE", requires = "notify", group = "told")]
    pub(in crate::cli) notify_state: Option<PathBuf>,
    /// Compare with this saved assessment
    #[arg(long, value_name = "ASSESSMENT", requires = "notify", group = "told")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// How long telling may take in all, with everything that is tried again
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s", requires = "notify")]
    pub(in crate::cli) notify_timeout: Duration,
}
