//! rclone: the log of `--use-json-log`, and what `check` says, also with `--combined`.

use std::collections::HashSet;

use serde_json::Value;

use super::common::{
    End, arguments, begin, complain, digits, end, field, foreign, id, lacks, number, numbered, says, started, text,
    time, utf8, verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Bytes, Depth, Items};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "rclone",
    title: "rclone copy, move and sync with --use-json-log; check, also with --combined",
    docs: "\
The log of `--use-json-log`, on standard error or in the file of `--log-file`, and the list that `check --combined` prints; \
rclone 1.60. Append the output of `rclone size --json` to have the full size: what a run moved is no size to compare.

* Errors are *partial* if something was copied, else *failed*. Errors of an attempt that a later one made good are warnings.
* A `sync` that only deleted is *failed*: that is what a source that is empty does to its copy, and rclone ends with 0.
* The level of the last statistics is `warning` even when all is well; their `errors` count.
* `check` compares checksums that the stores keep: *metadata*. Only `--download` reads everything. One without any \
matching file is *failed*.
",
    read,
};

/// What the lines of a run add up to.
#[derive(Default)]
struct Tally {
    began: Option<Instant>,
    ended: Option<Instant>,
    /// The last statistics.
    statistics: Option<Value>,
    /// They are the last line.
    closed: bool,
    errors: Vec<Text>,
    seen: HashSet<Text>,
    warnings: Vec<Text>,
    size: Option<u64>,
    /// Files that `check` found alike, and not.
    alike: u64,
    different: u64,
    /// What it counts itself.
    says_alike: Option<u64>,
    says_different: Option<u64>,
}

impl Tally {
    fn take(&mut self, line: &str) {
        if line.starts_with('{') {
            // A line that was cut says nothing.
            if let Ok(value) = serde_json::from_str::<Value>(line) {
                self.log(&value);
            }
            return;
        }
        match line.split_once(' ') {
            Some(("=", _)) => self.alike += 1,
            Some(("*" | "+" | "-" | "!", _)) => self.different += 1,
            // The last words are plain text, behind a date: `2026/11/22 22:42:50 Failed to sync: …`.
            Some((date, rest)) if date.len() == 10 && date.starts_with(|first: char| first.is_ascii_digit()) => {
                let said = rest.split_once(' ').map_or(rest, |(_, said)| said);
                if said.starts_with("Failed to ") {
                    self.errors.push(Text::from(said));
                }
            }
            _ => {}
        }
    }

    fn log(&mut self, value: &Value) {
        if let (Some(bytes), Some(_)) = (number(field(value, "bytes")), number(field(value, "count"))) {
            self.size = Some(bytes);
            return;
        }
        let message = field(value, "msg").as_str().unwrap_or_default().trim();
        let at = time(field(value, "time"));
        self.began = self.began.or(at);
        self.ended = at.or(self.ended);
        self.closed = field(value, "stats").is_object();
        if self.closed {
            self.statistics = value.get("stats").cloned();
        } else if field(value, "level") == "error" || field(value, "level") == "critical" {
            let object = text(field(value, "object")).map(|object| format!("{object}: ")).unwrap_or_default();
            let said = Text::from(format!("{object}{message}"));
            // Each attempt complains of the same.
            if self.seen.insert(said.clone()) {
                self.errors.push(said);
            }
        }
        let count = || message.split(' ').next().and_then(digits);
        if message.ends_with(" differences found") {
            self.says_different = count();
        } else if message.ends_with(" matching files") {
            self.says_alike = count();
        } else if message.ends_with(" hashes could not be checked") && count() != Some(0) {
            self.warnings.push(Text::from(message));
        }
    }

    fn count(&self, key: &str) -> u64 {
        self.statistics.as_ref().and_then(|stats| number(field(stats, key))).unwrap_or(0)
    }

    /// The statistics are those of the end: everything that was to be moved was.
    fn complete(&self) -> bool {
        self.closed
            && self.count("transfers") == self.count("totalTransfers")
            && self.count("bytes") == self.count("totalBytes")
    }
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let mut tally = Tally::default();
    for stream in [native.stdout, native.stderr] {
        for (_, line) in numbered(utf8(stream)?) {
            tally.take(line);
        }
    }
    let mut found = Found::default();
    let checks = verb(known, &["check", "cryptcheck"]).is_some() || tally.says_different.is_some();
    let (outcome, message) = if checks { checked(&tally, known)? } else { copied(&tally, known)? };
    let Some(at) = known.started_at.or(tally.began).or_else(|| started(known, &mut found)) else { return Ok(found) };
    let (kind, what) = match checks {
        true => (ActivityKind::Verification, "check"),
        false => (known.kind.unwrap_or(ActivityKind::Backup), "copy"),
    };
    let mut activity = begin("rclone", id("rclone", what, at, known), kind, outcome, at, known);
    activity.completed_at = tally.ended.or(activity.completed_at);
    activity.message = message;
    if checks {
        describe_check(&mut activity, &tally, known)
    } else {
        describe_copy(&mut activity, &tally)
    }
    if end(known) == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    if activity.outcome == ActivityOutcome::Succeeded {
        tally.warnings.append(&mut tally.errors);
    }
    complain(&mut activity, tally.errors, tally.warnings);
    found.activities.push(activity);
    Ok(found)
}

type Judged = Result<(ActivityOutcome, Option<Text>), NotUnderstood>;

fn copied(tally: &Tally, known: &Known) -> Judged {
    let moved = tally.count("transfers") > 0;
    let bad = if moved { ActivityOutcome::Partial } else { ActivityOutcome::Failed };
    let (deleted, seen) = (tally.count("deletes"), tally.count("checks"));
    let outcome = match end(known) {
        End::Stopped => ActivityOutcome::Aborted,
        // Files that were looked at and deleted count as checks too.
        _ if deleted > 0 && !moved && seen <= deleted => {
            let message = format!("nothing came and {deleted} files went, as from a source that is empty");
            return Ok((ActivityOutcome::Failed, Some(Text::from(message))));
        }
        End::Status(_) => bad,
        _ if tally.count("errors") > 0 => bad,
        End::Good => ActivityOutcome::Succeeded,
        End::Unknown if !tally.errors.is_empty() => bad,
        End::Unknown if tally.complete() => ActivityOutcome::Succeeded,
        End::Unknown => {
            return Err(foreign(0, "it does not say how it ended; give the exit status, or `--log-level INFO`"));
        }
    };
    Ok((outcome, None))
}

fn checked(tally: &Tally, known: &Known) -> Judged {
    let (different, alike) = (tally.says_different.unwrap_or(tally.different), tally.says_alike.unwrap_or(tally.alike));
    let told = tally.says_different.is_some() || tally.alike + tally.different > 0;
    let failed = |message: String| Ok((ActivityOutcome::Failed, Some(Text::from(message))));
    match end(known) {
        End::Stopped => Ok((ActivityOutcome::Aborted, None)),
        _ if different > 0 || tally.different > 0 => failed(differ(different.max(tally.different), alike)),
        End::Status(_) => Ok((ActivityOutcome::Failed, None)),
        _ if told && alike == 0 => failed("it found no file that matches".to_owned()),
        End::Good if told => Ok((ActivityOutcome::Succeeded, None)),
        End::Unknown if tally.says_different == Some(0) => Ok((ActivityOutcome::Succeeded, None)),
        _ => Err(foreign(0, "it does not say what was compared; give `--use-json-log` or `--combined`")),
    }
}

fn differ(different: u64, alike: u64) -> String {
    format!("{different} of {} files differ", different.saturating_add(alike))
}

fn describe_check(activity: &mut Activity, tally: &Tally, known: &Known) {
    let alike = tally.says_alike.unwrap_or(tally.alike);
    let different = tally.says_different.unwrap_or(tally.different);
    let detail = activity.detail_mut();
    detail.items = Some(Items {
        total: Some(alike.saturating_add(different)),
        done: Some(alike),
        failed: Some(different),
        ..Items::default()
    });
    let reads = says(known, "--download") || arguments(known, "rclone").any(|word| word == "cryptcheck");
    detail.depth = Some(if reads { Depth::FullRead } else { Depth::Metadata });
    detail.compared_by = Some("file-system".into());
}

fn describe_copy(activity: &mut Activity, tally: &Tally) {
    activity.size = tally.size;
    if tally.size.is_none() {
        lacks(activity, "size");
    }
    let detail = activity.detail_mut();
    let Some(statistics) = &tally.statistics else { return };
    let of = |key: &str| number(field(statistics, key));
    detail.bytes = Some(Bytes { source: tally.size, stored: None, moved: of("bytes") });
    detail.items =
        Some(Items { total: None, done: None, failed: of("errors"), changed: of("transfers"), deleted: of("deletes") });
}
