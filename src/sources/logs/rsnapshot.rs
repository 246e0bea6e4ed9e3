//! rsnapshot: its log file, in which each call becomes a record of its own.

use super::common::{
    End, NoInstant, begin, complain, end, foreign, id, lacks, lines, local, numbered, started, strange, utf8,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "rsnapshot",
    title: "rsnapshot's log file",
    docs: "\
The file of `logfile`, as rsnapshot 1.4 writes it with `loglevel 3` or more; give standard error too, since a mistake in the \
configuration may stand only there.

* `completed, but with some warnings` (files that could not be read) is *partial*, `with some errors` is *failed*.
* A call that never says that it completed was killed: *aborted*, or *running* if it is the last.
* A call that only moves snapshots from one interval to the next made no backup: it is a prune.
* The log does not say how much was copied: a source that is empty cannot be seen in it.
* Its times are local, without a zone: declare `timezone`.
",
    read,
};

/// One call of rsnapshot.
struct Call {
    line: u64,
    /// The command as it began, without what it says.
    command: Option<Text>,
    began: Result<Instant, NoInstant>,
    ended: Result<Instant, NoInstant>,
    outcome: Option<ActivityOutcome>,
    /// Something was copied into the newest snapshot.
    copies: bool,
    /// It moved or deleted snapshots.
    rotates: bool,
    /// It said that it began.
    opened: bool,
    sources: Vec<Text>,
    errors: Vec<Text>,
    warnings: Vec<Text>,
}

impl Call {
    fn new(line: u64, at: Result<Instant, NoInstant>) -> Self {
        Self {
            line,
            command: None,
            began: at,
            ended: at,
            outcome: None,
            copies: false,
            rotates: false,
            opened: false,
            sources: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn take(&mut self, said: &str) {
        if let Some((command, _)) = said.split_once(": completed") {
            let command = command.rsplit("ERROR: ").next().unwrap_or(command);
            self.command = Some(Text::from(command.trim_start_matches("WARNING: ")));
            self.outcome = Some(match said {
                _ if said.ends_with("completed successfully") => ActivityOutcome::Succeeded,
                _ if said.ends_with("some warnings") => ActivityOutcome::Partial,
                _ => ActivityOutcome::Failed,
            });
        } else if let Some((command, error)) = said.split_once(": ERROR: ") {
            self.command.get_or_insert_with(|| Text::from(command));
            if let Some(place) = self.errors.last_mut().filter(|said| said.ends_with(':')) {
                *place = Text::from(format!("{place} {error}"));
            } else if !error.starts_with("-----") {
                self.errors.push(Text::from(error));
            }
        } else if let Some(warning) = said.strip_prefix("WARNING: ") {
            self.warnings.push(Text::from(warning));
        } else if said.starts_with("rsync: ") || said.starts_with("rsync error: ") {
            self.warnings.push(Text::from(said));
        } else {
            self.step(said);
        }
    }

    /// A command that it ran.
    fn step(&mut self, said: &str) {
        let mut words = said.split_whitespace();
        let program = words.next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        match program {
            "rsync" => {
                let places: Vec<&str> = words.filter(|word| !word.starts_with('-')).collect();
                let Some((to, from)) = places.split_last() else { return };
                if to.contains(".0/") || to.contains("/.sync/") {
                    self.copies = true;
                    self.sources.extend(from.iter().map(|place| Text::from(*place)));
                }
            }
            "mv" => self.rotates = true,
            "rm" if said.contains(" -rf ") => self.rotates = true,
            // What a `backup_script` left behind goes into the snapshot.
            _ if said.starts_with("sync_if_different(") => self.copies = true,
            _ => {}
        }
    }
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let text = utf8(native.stdout)?;
    let known = native.known;
    // A last line without an end is still being written, or was cut.
    let text = if text.ends_with('\n') { text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
    let mut found = Found::default();
    let calls = calls(text, known);
    if calls.is_empty() {
        unlogged(native, &mut found)?;
    }
    let last = calls.len().saturating_sub(1);
    for (n, call) in calls.into_iter().enumerate() {
        conclude(call, n == last, known, &mut found);
    }
    Ok(found)
}

fn calls(text: &str, known: &Known) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for (n, line) in numbered(text) {
        // A message may go on in the next line, without a time.
        let stamped = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
        let Some((time, said)) = stamped.filter(|(time, _)| time.len() == 19) else { continue };
        let at = local(time, "%Y-%m-%dT%H:%M:%S", known);
        let begins = said.ends_with(": started");
        let ended = |call: &Call| call.outcome.is_some();
        if begins || calls.last().is_none_or(ended) {
            calls.push(Call::new(n, at));
        }
        let Some(call) = calls.last_mut() else { continue };
        call.ended = at;
        match said.strip_suffix(": started") {
            Some(command) => {
                call.command = Some(Text::from(command));
                call.opened = true;
            }
            None => call.take(said),
        }
    }
    calls
}

fn conclude(call: Call, is_last: bool, known: &Known, found: &mut Found) {
    let at = match call.began {
        Ok(at) => at,
        Err(why) => return found.problems.push(why.problem(call.line)),
    };
    // The caller's exit status, if any, is of the last call.
    let end = if is_last { end(known) } else { End::Unknown };
    let outcome = match (call.outcome, end) {
        (Some(ActivityOutcome::Succeeded), End::Status(2)) => ActivityOutcome::Partial,
        (Some(ActivityOutcome::Succeeded), End::Status(_)) => ActivityOutcome::Failed,
        (Some(outcome), _) => outcome,
        // A mistake in the configuration: it never began.
        (None, _) if !call.opened && !call.errors.is_empty() && !call.copies => ActivityOutcome::Failed,
        (None, End::Status(_)) => ActivityOutcome::Failed,
        (None, End::Stopped) => ActivityOutcome::Aborted,
        (None, _) if is_last => ActivityOutcome::Running,
        (None, _) => ActivityOutcome::Aborted,
    };
    let kind = match (call.copies, call.rotates) {
        (true, _) => ActivityKind::Backup,
        (false, true) => ActivityKind::Prune,
        (false, false) if outcome == ActivityOutcome::Succeeded => {
            let message = "the call copied and moved nothing, as far as the log says; is `loglevel` 3 or more?";
            return found.problems.push(strange(call.line, message));
        }
        (false, false) => ActivityKind::Backup,
    };
    let running = outcome == ActivityOutcome::Running;
    let mut activity = begin("rsnapshot", id("rsnapshot", kind.id(), at, known), kind, outcome, at, known);
    activity.completed_at = call.ended.ok().filter(|_| !running);
    let detail = activity.detail_mut();
    detail.exit_status = detail.exit_status.filter(|_| is_last);
    detail.sources = call.sources;
    if let (true, Some(command)) = (detail.command.is_empty(), call.command) {
        detail.command = command.split_whitespace().map(Text::from).collect();
    }
    if kind == ActivityKind::Backup {
        lacks(&mut activity, "size");
    }
    complain(&mut activity, call.errors, call.warnings);
    found.activities.push(activity);
}

/// A call that wrote nothing into its log: the configuration was not read at all.
fn unlogged(native: &Native<'_>, found: &mut Found) -> Result<(), NotUnderstood> {
    let known = native.known;
    if !matches!(end(known), End::Status(_) | End::Stopped) {
        return Err(foreign(0, "no call of rsnapshot stands in it"));
    }
    let Some(at) = started(known, found) else { return Ok(()) };
    let what = ActivityKind::Backup;
    let mut activity =
        begin("rsnapshot", id("rsnapshot", what.id(), at, known), what, ActivityOutcome::Failed, at, known);
    let errors = lines(native.stderr).into_iter().filter(|line| line.contains("ERROR: ")).collect();
    complain(&mut activity, errors, Vec::new());
    found.activities.push(activity);
    Ok(())
}
