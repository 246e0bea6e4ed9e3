//! Numbers of verdicts over time: the newest run of each day, week or month.

use std::collections::BTreeMap;

use chrono::Datelike as _;
use chrono_tz::Tz;
use serde::Serialize;

use super::RunRow;
use crate::model::assessment::Summary;
use crate::model::text::Text;

/// How time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// By days.
    Day,
    /// By weeks of ISO 8601.
    Week,
    /// By months.
    Month,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrendRow {
    /// Its name: `2026-11-22`, `2026-W47` or `2026-11`.
    pub step: Text,
    /// The policy.
    pub policy: Text,
    /// Number of runs in it.
    pub runs: u64,
    /// Number of things that could not be read, in its newest runs.
    pub gaps: u64,
    /// Verdicts of its newest run; of several series together.
    pub summary: Summary,
}

/// The number of runs in a step, and the newest of each series.
type InStep<'r> = (u64, BTreeMap<i64, &'r RunRow>);

/// Cut the time of all runs into steps, oldest first.
pub fn by(runs: &[RunRow], step: Step, zone: Tz) -> Vec<TrendRow> {
    let mut steps: BTreeMap<(Text, Text), InStep<'_>> = BTreeMap::new();
    for run in runs {
        let date = run.captured_at.with_timezone(&zone).date_naive();
        let name = match step {
            Step::Day => date.to_string(),
            Step::Week => format!("{}-W{:02}", date.iso_week().year(), date.iso_week().week()),
            Step::Month => format!("{}-{:02}", date.year(), date.month()),
        };
        let (count, newest) = steps.entry((name.into(), run.policy.id.clone())).or_default();
        *count += 1;
        newest.insert(run.stream, run);
    }
    let rows = steps.into_iter().map(|((step, policy), (runs, newest))| {
        let mut summary = Summary::default();
        for one in newest.values().map(|run| &run.summary) {
            summary.pass += one.pass;
            summary.fail += one.fail;
            summary.unknown += one.unknown;
            summary.not_applicable += one.not_applicable;
            summary.waived += one.waived;
        }
        let gaps = newest.values().map(|run| run.gaps.len() as u64).sum();
        TrendRow { step, policy, runs, gaps, summary }
    });
    rows.collect()
}
