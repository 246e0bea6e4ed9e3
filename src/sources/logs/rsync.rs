//! rsync: its standard output with `--stats`, and the file of `--log-file`.

mod tally;

use super::common::{
    End, NoInstant, arguments, begin, complain, end, foreign, id, lacks, local, numbered, says_short, started, utf8,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Bytes, Depth, Items};
use tally::Tally;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "rsync",
    title: "rsync --stats, and the file of --log-file",
    docs: "\
The numbers that `--stats` prints, with standard error, or the file that `--log-file` writes, in which each run becomes a \
record of its own.

* Exit status 23, 24 and 25 (files unreadable, vanished, not deleted) are *partial*, 20 is *aborted*, others *failed*.
* A source without any file is *failed*, whatever the status: with `--delete` that empties the copy, and rsync ends with 0.
* A run in a log file that never says how much it sent was killed: *aborted*, or *running* if it is the last.
* `--dry-run --checksum` is a verification that reads everything; without `--checksum` it compares only sizes and times. It \
proves something only with `--stats` or `-v`, since otherwise no difference and no output look the same.
* Files *transferred* include those that failed.
* Log files have local times without a zone: declare `timezone`.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let text = utf8(native.stdout)?;
    let mut found = Found::default();
    if numbered(text).next().is_some_and(|(_, line)| Stamped::of(line).is_some()) {
        log_file(text, native.known, &mut found);
        return Ok(found);
    }
    let mut tally = Tally::default();
    for (_, line) in numbered(text) {
        tally.take(line);
    }
    for line in super::common::lines(native.stderr) {
        tally.take(&line);
    }
    let Some(outcome) = tally.outcome(end(native.known), compares(native.known), prints(native.known)) else {
        return Err(foreign(0, "it does not say how the run ended; give `--stats` and the exit status"));
    };
    if let Some(at) = started(native.known, &mut found) {
        found.activities.push(conclude(tally, outcome, at, "run", native.known));
    }
    Ok(found)
}

/// Whether it only compares: nothing is written.
fn compares(known: &Known) -> bool {
    says_short(known, "rsync", 'n') || arguments(known, "rsync").any(|word| word == "--dry-run")
}

/// Whether the options make it print numbers at the end.
fn prints(known: &Known) -> bool {
    says_short(known, "rsync", 'v')
        || arguments(known, "rsync").any(|word| matches!(word, "--stats" | "--verbose" | "--progress"))
}

fn conclude(tally: Tally, outcome: ActivityOutcome, at: Instant, what: &str, known: &Known) -> Activity {
    let compares = compares(known);
    let kind = if compares { ActivityKind::Verification } else { known.kind.unwrap_or(ActivityKind::Backup) };
    let mut activity = begin("rsync", id("rsync", what, at, known), kind, outcome, at, known);
    activity.size = tally.size;
    activity.message = tally.message(compares);
    let failed = activity.outcome.is_failure();
    let checksums = says_short(known, "rsync", 'c') || arguments(known, "rsync").any(|word| word == "--checksum");
    let detail = activity.detail_mut();
    detail.bytes = Some(Bytes { source: tally.size, stored: None, moved: tally.sent });
    detail.items = Some(Items {
        total: tally.regular.or(tally.entries),
        // The number of files transferred counts those that failed.
        done: tally.regular.filter(|_| !failed),
        changed: tally.transferred,
        deleted: tally.deleted.or((tally.deletions > 0).then_some(tally.deletions)),
        failed: None,
    });
    detail.depth = match kind {
        ActivityKind::Verification if checksums => Some(Depth::FullRead),
        ActivityKind::Verification => Some(Depth::Metadata),
        ActivityKind::Restore | ActivityKind::RestoreTest => Some(Depth::Restored),
        _ => None,
    };
    if activity.size.is_none() {
        lacks(&mut activity, "size");
    }
    if end(known) == End::Unknown && tally.code.is_none() {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, tally.errors, tally.warnings);
    activity
}

/// A line of a log file: `2026/11/22 22:34:56 [11018] building file list`.
struct Stamped<'l> {
    time: &'l str,
    process: &'l str,
    rest: &'l str,
}

impl<'l> Stamped<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let (time, rest) = line.split_at_checked(19)?;
        let (process, rest) = rest.strip_prefix(" [")?.split_once("] ")?;
        let digits = time.bytes().filter(u8::is_ascii_digit).count();
        (digits == 14 && process.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self { time, process, rest })
    }
}

struct Run {
    line: u64,
    process: String,
    began: Result<Instant, NoInstant>,
    ended: Result<Instant, NoInstant>,
    tally: Tally,
}

fn log_file(text: &str, known: &Known, found: &mut Found) {
    let mut runs: Vec<Run> = Vec::new();
    // A last line without an end is still being written, or was cut: its numbers may be too.
    let text = if text.ends_with('\n') { text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
    for (n, line) in numbered(text) {
        let Some(stamped) = Stamped::of(line) else {
            // A file name may hold a line break; nothing is lost by leaving its rest out.
            continue;
        };
        let at = local(stamped.time, "%Y/%m/%d %H:%M:%S", known);
        let begins = matches!(stamped.rest, "building file list" | "receiving file list");
        let open = runs.iter().rposition(|run| run.process == stamped.process).filter(|_| !begins);
        let run = match open.and_then(|index| runs.get_mut(index)) {
            Some(run) => run,
            None => {
                let process = stamped.process.to_owned();
                runs.push(Run { line: n, process, began: at, ended: at, tally: Tally::default() });
                let Some(run) = runs.last_mut() else { return };
                run
            }
        };
        run.ended = at;
        run.tally.take(stamped.rest);
    }
    let last = runs.len().saturating_sub(1);
    for (n, run) in runs.into_iter().enumerate() {
        let at = match run.began {
            Ok(at) => at,
            Err(why) => {
                found.problems.push(why.problem(run.line));
                continue;
            }
        };
        // The caller's exit status, if any, is of the last run.
        let end = if n == last { end(known) } else { End::Unknown };
        let outcome = run.tally.outcome(end, compares(known), true);
        let unended = if n == last { ActivityOutcome::Running } else { ActivityOutcome::Aborted };
        let outcome = outcome.unwrap_or(unended);
        let running = outcome == ActivityOutcome::Running;
        let what = format!("run-{}", run.process);
        let mut activity = conclude(run.tally, outcome, at, &what, known);
        activity.completed_at = run.ended.ok().filter(|_| !running);
        found.activities.push(activity);
    }
}
