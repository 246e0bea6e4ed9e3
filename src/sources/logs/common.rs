//! What the readers of native records share: the beginning of an activity, times, options, problems.
//! Nothing here knows a tool.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeZone};
use serde_json::Value;

use super::native::{Found, Known, NotUnderstood, Problem};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Tool};
use crate::model::fact::Fact;
use crate::model::glob;
use crate::model::log::{ACCOUNT, REGION};
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// An activity that a tool's record shows, with everything that the caller knows of the run.
pub(super) fn begin(
    tool: &'static str,
    id: String,
    kind: ActivityKind,
    outcome: ActivityOutcome,
    at: Instant,
    known: &Known,
) -> Activity {
    let mut activity = Activity::new(id, kind, tool, outcome, at);
    activity.completed_at = known.ended_at;
    activity.resource = known.resource.clone();
    activity.operator = known.operator.clone();
    let detail = activity.detail_mut();
    detail.tool = Some(Tool { name: tool.into(), version: known.tool_version.clone() });
    detail.application = known.application.clone();
    detail.trigger = known.trigger;
    detail.host = known.host.clone();
    detail.command = known.command.clone();
    detail.exit_status = known.exit_status;
    detail.signal = known.signal;
    activity
}

/// A recovery point of a tool's catalogue, outside of AWS, of which nothing but this is known yet.
pub(super) fn point(arn: impl Into<Text>, status: PointStatus, at: Instant, known: &Known) -> RecoveryPoint {
    RecoveryPoint {
        arn: arn.into(),
        kind: PointKind::Dump,
        resource: known.resource.clone(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        vault: None,
        status,
        started_at: at,
        completed_at: None,
        delete_after_days: None,
        delete_at: None,
        encrypted: Fact::Unread,
        kms_key: None,
        size: None,
        extra: None,
    }
}

/// Put what the tool complained of. The first error is the message, or the first warning of what did not
/// go well.
pub(super) fn complain(activity: &mut Activity, errors: Vec<Text>, warnings: Vec<Text>) {
    if activity.message.is_none() {
        let first = errors.first().or_else(|| warnings.first().filter(|_| activity.outcome.is_failure()));
        activity.message = first.cloned();
    }
    let detail = activity.detail_mut();
    detail.errors.extend(errors);
    detail.warnings.extend(warnings);
}

/// Say that the record lacks something that it should say.
pub(super) fn lacks(activity: &mut Activity, what: &str) {
    let missing = &mut activity.detail_mut().missing;
    if missing.iter().all(|said| said != what) {
        missing.push(what.into());
    }
}

/// The id of a run to which the tool itself gives none.
pub(super) fn id(tool: &str, what: &str, at: Instant, known: &Known) -> String {
    format!("{tool}:{what}:{}:{}", known.host.as_deref().unwrap_or("-"), at.to_rfc3339())
}

/// Whether the command has this option, as a word of its own, with `=`, or inside a shell's line.
pub(super) fn says(known: &Known, option: &str) -> bool {
    known.command.iter().any(|word| word.split([' ', '=']).any(|part| part == option))
}

/// The words that follow this program's name, also inside a shell's line: `sudo -n rsync -a` says `-a`.
pub(super) fn arguments<'k>(known: &'k Known, program: &'k str) -> impl Iterator<Item = &'k str> {
    let words = known.command.iter().flat_map(|word| word.split_whitespace());
    words.skip_while(move |word| word.rsplit('/').next() != Some(program)).skip(1)
}

/// Whether the program has this short option, alone or in a bundle such as `-avn`.
pub(super) fn says_short(known: &Known, program: &str, option: char) -> bool {
    arguments(known, program)
        .any(|word| word.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.contains(option)))
}

/// The first of these words that the command has: its subcommand.
pub(super) fn verb<'w>(known: &Known, words: &[&'w str]) -> Option<&'w str> {
    let mut said = known.command.iter().flat_map(|word| word.split_whitespace());
    said.find_map(|part| words.iter().copied().find(|word| *word == part))
}

/// How the process ended, as far as the caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With status 0.
    Good,
    /// With another status.
    Status(i32),
    /// By a signal, or with the status by which a shell tells of one.
    Stopped,
    /// Nobody said. The status of a pipeline is that of its last command, and says nothing of the others.
    Unknown,
}

/// How the process ended.
pub(super) fn end(known: &Known) -> End {
    let piped = known.command.iter().any(|word| word.split_whitespace().any(|part| part == "|"));
    match (known.signal, known.exit_status) {
        (Some(_), _) => End::Stopped,
        (None, Some(0)) if piped => End::Unknown,
        (None, Some(0)) => End::Good,
        // 255 is what ssh and the AWS CLI end with when they fail; no signal has so high a number.
        (None, Some(129..=192)) => End::Stopped,
        (None, Some(status)) => End::Status(status),
        (None, None) => End::Unknown,
    }
}

/// Whether this job is meant, where a record holds those of many.
pub(super) fn is_meant(known: &Known, job: &str) -> bool {
    known.job.as_ref().is_none_or(|pattern| glob::matches(pattern, job))
}

/// That it is clear which jobs of a record are meant, so that no resource gets the runs of another.
///
/// # Errors
///
/// No job is of the declared name, or there are several and nobody said which belongs to the resource.
pub(super) fn chosen<'n>(known: &Known, jobs: impl Iterator<Item = &'n str>) -> Result<(), NotUnderstood> {
    let jobs: BTreeSet<&str> = jobs.collect();
    let shown: Vec<String> = jobs.iter().take(3).map(|job| format!("`{job}`")).collect();
    let shown = shown.join(", ");
    match &known.job {
        Some(pattern) if !jobs.iter().any(|job| glob::matches(pattern, job)) => {
            Err(foreign(0, format!("no job in it is called `{pattern}`; it holds {} jobs: {shown}", jobs.len())))
        }
        None if jobs.len() > 1 && (known.resource.is_some() || known.application.is_some()) => {
            Err(foreign(0, format!("it holds {} jobs; say with `job` which of them is meant: {shown}", jobs.len())))
        }
        _ => Ok(()),
    }
}

/// When the run began, where the record itself does not say it; a problem where nobody does.
pub(super) fn started(known: &Known, found: &mut Found) -> Option<Instant> {
    if known.started_at.is_none() {
        found.problems.push(NoInstant::NotATime.problem(0));
    }
    known.started_at
}

/// Lines that are not empty, as far as they are text.
pub(super) fn lines(bytes: &[u8]) -> Vec<Text> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).map(Text::from).collect()
}

/// The text of the input.
///
/// # Errors
///
/// It is not UTF-8; the line of the first wrong byte.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, NotUnderstood> {
    std::str::from_utf8(bytes).map_err(|error| NotUnderstood {
        line: 1 + bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() as u64,
        why: "it is not UTF-8".into(),
    })
}

/// Lines with their numbers from 1, blank ones left out.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (u64, &str)> {
    text.lines().zip(1u64..).map(|(line, n)| (n, line)).filter(|(_, line)| !line.trim().is_empty())
}

/// A field of an object; null where there is none.
pub(super) fn field<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// A number, which many tools write as a string, some with commas in it.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| digits(value.as_str()?))
}

/// A whole number as people write it: `1,234,567`.
pub(super) fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    text.chars().filter(|c| *c != ',').collect::<String>().parse().ok()
}

/// A text that is not empty.
pub(super) fn text(value: &Value) -> Option<Text> {
    value.as_str().filter(|text| !text.is_empty()).map(Text::from)
}

/// A time with its offset.
pub(super) fn time(value: &Value) -> Option<Instant> {
    chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.to_utc())
}

/// A time with its offset, or without one in the declared zone (`2026-11-22T22:04:26.000000`).
pub(super) fn moment(value: &Value, known: &Known) -> Result<Instant, NoInstant> {
    match time(value) {
        Some(at) => Ok(at),
        None => local(value.as_str().unwrap_or_default(), "%Y-%m-%dT%H:%M:%S%.f", known),
    }
}

/// Seconds since 1970, as a number or a string, with or without a fraction.
pub(super) fn epoch(value: &Value) -> Option<Instant> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    // Beyond what chrono can say, and NaN, are no times.
    let millis = (seconds * 1000.0).round();
    (millis.abs() < 8.0e15).then(|| chrono::DateTime::from_timestamp_millis(millis as i64)).flatten()
}

/// Why a time without a zone is no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoInstant {
    /// Nobody said the zone.
    NoZone,
    /// The clock showed it twice, when daylight saving ended.
    Twice,
    /// The clock never showed it, when daylight saving began.
    Never,
    /// It is no time.
    NotATime,
}

impl NoInstant {
    /// The problem of a record whose time is lost.
    pub(super) fn problem(self, line: u64) -> Problem {
        let message = match self {
            Self::NoZone => "its times have no zone, and nobody said which it is; declare `timezone`",
            Self::Twice => "the clock of its zone showed this time twice, when daylight saving ended",
            Self::Never => "the clock of its zone never showed this time",
            Self::NotATime => "it says no time, and nobody said when it began",
        };
        Problem { code: "no-time", line, message: message.into() }
    }
}

/// A local time in the declared zone, in chrono's notation. Never guessed.
pub(super) fn local(text: &str, notation: &str, known: &Known) -> Result<Instant, NoInstant> {
    let naive = NaiveDateTime::parse_from_str(text.trim(), notation).map_err(|_| NoInstant::NotATime)?;
    let zone = known.timezone.ok_or(NoInstant::NoZone)?;
    match zone.from_local_datetime(&naive) {
        chrono::LocalResult::Single(at) => Ok(at.to_utc()),
        chrono::LocalResult::Ambiguous(..) => Err(NoInstant::Twice),
        chrono::LocalResult::None => Err(NoInstant::Never),
    }
}

/// The problem of something that stands in a record and is not known.
pub(super) fn strange(line: u64, message: impl Into<String>) -> Problem {
    Problem { code: "not-understood", line, message: message.into() }
}

/// The input is not this tool's.
pub(super) fn foreign(line: u64, why: impl Into<String>) -> NotUnderstood {
    NotUnderstood { line, why: why.into() }
}
