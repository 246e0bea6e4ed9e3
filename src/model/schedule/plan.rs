//! The rules of one backup plan, and which of their starts AWS Backup really runs.

use chrono::{DateTime, TimeDelta, Utc};

use super::{MissingLocalTime, Schedule};

/// What one rule of a backup plan says about time.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSchedule {
    /// When the rule starts.
    pub schedule: Schedule,
    /// How long after its scheduled start a job may still begin (`StartWindowMinutes`; AWS
    /// Backup's default is 480 minutes). Negative counts as zero.
    pub start_window: TimeDelta,
    /// Days until a recovery point of the rule is deleted (`DeleteAfterDays`); `None` when it is
    /// kept for ever.
    pub retention_days: Option<u32>,
}

/// One start of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// The scheduled instant; the job may begin up to the start window later.
    pub at: DateTime<Utc>,
    /// Index of the rule in the slice that was given.
    pub rule: usize,
}

/// The starts of one plan in `[from, to)` after AWS's overlap optimisation, in order of time.
///
/// AWS Backup: "If you have a backup plan with multiple rules and the time frames of the two rules
/// overlap, AWS Backup optimizes the backup and takes a backup for the rule with the longer
/// retention time. The optimization takes into account the full start window." So a start is
/// dropped when its window `[start, start + start_window)` meets a window of a rule with longer
/// retention, be that the earlier or the later of the two. Starts at the same instant always meet.
///
/// *Assumptions*, as AWS says nothing: among equal retention the rule that comes first in the
/// slice is kept; and a start that is itself dropped still drops others, which is the reading with
/// the longer gaps. Start windows longer than a year count as a year.
///
/// A rule with a shorter retention never changes the starts of one with a longer, so leaving out
/// all rules below some retention beforehand gives the same as leaving out their starts afterwards.
pub fn effective_starts(
    rules: &[RuleSchedule],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    missing: MissingLocalTime,
) -> Vec<Start> {
    let widest = rules.iter().map(window).max().unwrap_or_default();
    // A start just outside the range can still drop one inside it.
    let seen_from = before(from, widest);
    let seen_to = after(to, widest);
    let candidates: Vec<(&RuleSchedule, Vec<DateTime<Utc>>)> =
        rules.iter().map(|rule| (rule, rule.schedule.occurrences(seen_from, seen_to, missing))).collect();

    let mut starts = Vec::new();
    for (index, (rule, instants)) in candidates.iter().enumerate() {
        let stronger: Vec<_> = candidates
            .iter()
            .enumerate()
            .filter(|(other, (other_rule, _))| outranks((*other, other_rule), (index, rule)))
            .map(|(_, candidate)| candidate)
            .collect();
        let kept = instants
            .iter()
            .filter(|at| (from..to).contains(*at))
            .filter(|at| !stronger.iter().any(|(other, others)| meets(**at, window(rule), others, window(other))))
            .map(|at| Start { at: *at, rule: index });
        starts.extend(kept);
    }
    starts.sort_unstable_by_key(|start| (start.at, start.rule));
    starts
}

/// Whether the first of two rules (with their places in the plan) is the one AWS Backup keeps.
fn outranks(one: (usize, &RuleSchedule), other: (usize, &RuleSchedule)) -> bool {
    // `None`, for ever, is the longest retention but the smallest `Option`.
    let retention = |rule: &RuleSchedule| (rule.retention_days.is_none(), rule.retention_days);
    let (longer, shorter) = (retention(one.1), retention(other.1));
    longer > shorter || (longer == shorter && one.0 < other.0)
}

/// Whether the window of `at` meets the window of one of `others` (ascending).
fn meets(at: DateTime<Utc>, window: TimeDelta, others: &[DateTime<Utc>], others_window: TimeDelta) -> bool {
    // Only the last of the others that start before `at` and the first that does not can be the
    // nearest, and windows of one rule are all of one length.
    let split = others.partition_point(|other| *other < at);
    let (earlier, later) = others.split_at(split);
    let reached_back = earlier.last().is_some_and(|other| at - *other < others_window);
    let reaches_on = later.first().is_some_and(|other| *other == at || *other - at < window);
    reached_back || reaches_on
}

fn window(rule: &RuleSchedule) -> TimeDelta {
    rule.start_window.clamp(TimeDelta::zero(), TimeDelta::days(366))
}

fn before(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn after(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
