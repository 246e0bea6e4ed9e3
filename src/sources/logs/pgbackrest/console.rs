//! The lines that pgBackRest logs: `2026-11-22 22:22:07.101 P00   INFO: backup command begin 2.45: …`.

use super::level;
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Depth, Items};
use crate::model::text::Text;
use crate::sources::logs::common::{
    End, NoInstant, begin, complain, end, foreign, id, lacks, lines, local, numbered, verb,
};
use crate::sources::logs::native::{Found, Known, Native, NotUnderstood};

/// One run of one command.
struct Run {
    command: String,
    version: String,
    line: u64,
    /// Its first time as it was written, to find what standard error says of it.
    stamp: String,
    began: Result<Instant, NoInstant>,
    ended: Result<Instant, NoInstant>,
    /// What its last line says of its end.
    end: Option<String>,
    label: Option<String>,
    errors: Vec<Text>,
    warnings: Vec<Text>,
    /// Pages or files that are not what they should be.
    damaged: bool,
    /// A verification that looked at something and calls it fine.
    fine: bool,
    removed: u64,
}

impl Run {
    fn take(&mut self, logged: &Logged<'_>) {
        match logged.level {
            "ERROR" | "ASSERT" => self.errors.push(logged.text.into()),
            "WARN" => self.warnings.push(logged.text.into()),
            _ => {}
        }
    }
}

/// A line with its stamp.
struct Logged<'l> {
    time: &'l str,
    level: &'l str,
    text: &'l str,
}

impl<'l> Logged<'l> {
    /// A line of standard error, which may have no stamp: `WARN: …`.
    fn plain(line: &'l str) -> Option<Self> {
        let bare = || {
            let (level, text) = line.split_once(": ")?;
            matches!(level, "WARN" | "ERROR").then_some(Self { time: "", level, text })
        };
        Self::of(line).or_else(bare)
    }

    fn of(line: &'l str) -> Option<Self> {
        let (time, rest) = line.split_at_checked(23)?;
        let rest = rest.strip_prefix(" P")?;
        let (level, text) = rest.get(2..)?.split_once(": ")?;
        let level = level.trim();
        matches!(level, "INFO" | "WARN" | "ERROR" | "DETAIL" | "DEBUG" | "TRACE" | "ASSERT").then_some(Self {
            time,
            level,
            text,
        })
    }
}

pub(super) fn read(input: &str, native: &Native<'_>, found: &mut Found) -> Result<(), NotUnderstood> {
    let known = native.known;
    let mut runs: Vec<Run> = Vec::new();
    for (n, line) in numbered(input) {
        let Some(logged) = Logged::of(line) else {
            // What a message says on its further lines.
            if let Some(run) = runs.last_mut() {
                judge(line.trim(), run);
            }
            continue;
        };
        let at = local(logged.time, "%Y-%m-%d %H:%M:%S%.3f", known);
        if let Some((command, rest)) = logged.text.split_once(" command begin ") {
            runs.push(Run {
                command: command.to_owned(),
                version: rest.split(':').next().unwrap_or_default().to_owned(),
                line: n,
                stamp: logged.time.to_owned(),
                began: at,
                ended: at,
                end: None,
                label: None,
                errors: Vec::new(),
                warnings: Vec::new(),
                damaged: false,
                fine: false,
                removed: 0,
            });
            continue;
        }
        let Some(run) = runs.last_mut() else { continue };
        run.ended = at;
        run.take(&logged);
        if let Some((_, how)) = logged.text.split_once(" command end: ") {
            run.end = Some(how.to_owned());
        } else if let Some((_, label)) = logged.text.split_once("new backup label = ") {
            run.label = Some(label.to_owned());
        }
        judge(logged.text, run);
    }
    // Older versions write warnings and errors there.
    let stderr = String::from_utf8_lossy(native.stderr);
    for logged in stderr.lines().filter_map(Logged::plain) {
        // Without a time it is of the command that was asked for, and that one comes first.
        let run = match logged.time {
            "" => runs.first_mut(),
            time => runs.iter_mut().rev().find(|run| run.stamp.as_str() <= time),
        };
        if let Some(run) = run {
            run.take(&logged);
            judge(logged.text, run);
        }
    }
    // An unfinished last line may say anything.
    let cut = !native.stdout.ends_with(b"\n");
    if let Some(last) = runs.last_mut().filter(|_| cut) {
        last.end = last.end.take().filter(|how| how.ends_with(')') || how.ends_with(']'));
    }
    if runs.is_empty() {
        return silent(native, found);
    }
    let last = runs.len() - 1;
    for (n, run) in runs.into_iter().enumerate() {
        conclude(run, known, n == 0, n == last, found);
    }
    Ok(())
}

/// What a text says of the state of files.
fn judge(text: &str, run: &mut Run) {
    let nonzero = |word: &str| {
        let after = text.split_once(word).map(|(_, rest)| rest);
        after.is_some_and(|rest| rest.chars().next().is_some_and(|digit| matches!(digit, '1'..='9')))
    };
    run.damaged |= text.starts_with("invalid page checksum")
        || text.starts_with("invalid checksum")
        || text.contains("status: error")
        || text.contains("status: invalid")
        || ["missing: ", "checksum invalid: ", "size invalid: ", "other: "].into_iter().any(nonzero);
    run.fine |= text.contains("status: ok") || nonzero("total valid files: ");
    run.removed += u64::from(text.contains("remove expired backup"));
}

fn conclude(run: Run, known: &Known, is_first: bool, is_last: bool, found: &mut Found) {
    let (kind, depth) = match run.command.as_str() {
        "backup" => (known.kind.unwrap_or(ActivityKind::Backup), None),
        "restore" => (known.kind.unwrap_or(ActivityKind::Restore), Some(Depth::Restored)),
        "verify" => (ActivityKind::Verification, Some(Depth::FullRead)),
        "expire" => (ActivityKind::Prune, None),
        // `check`, `stanza-create`, `archive-push` and their kin say nothing of a backup.
        _ => return,
    };
    let at = match run.began.or_else(|why| known.started_at.filter(|_| is_first).ok_or(why)) {
        Ok(at) => at,
        Err(why) => return found.problems.push(why.problem(run.line)),
    };
    let completed = run.end.as_deref().is_some_and(|how| how.starts_with("completed successfully"));
    let outcome = match (run.end.as_deref(), end(known)) {
        (Some(how), _) if how.starts_with("terminated") => ActivityOutcome::Aborted,
        (Some(_), _) if !completed || !run.errors.is_empty() => ActivityOutcome::Failed,
        (Some(_), _) if run.command == "verify" && (run.damaged || !run.fine) => ActivityOutcome::Failed,
        (Some(_), _) if run.damaged => ActivityOutcome::Partial,
        (Some(_), _) => ActivityOutcome::Succeeded,
        (None, _) if !run.errors.is_empty() => ActivityOutcome::Failed,
        (None, End::Status(_)) if is_last => ActivityOutcome::Failed,
        (None, End::Unknown) if is_last => ActivityOutcome::Running,
        (None, _) => ActivityOutcome::Aborted,
    };
    let name = match (&run.label, run.command.as_str()) {
        (Some(label), "backup") => format!("pgbackrest:{label}"),
        (_, command) => id("pgbackrest", command, at, known),
    };
    let mut activity = begin("pgbackrest", name, kind, outcome, at, known);
    let running = activity.outcome == ActivityOutcome::Running;
    activity.completed_at = run.ended.ok().filter(|_| !running);
    if run.damaged && run.errors.is_empty() {
        let what = if run.command == "verify" {
            "files are not what they should be"
        } else {
            "pages with invalid checksums are in it"
        };
        activity.message = Some(what.into());
    }
    let detail = activity.detail_mut();
    detail.depth = depth;
    detail.data_type = Some("postgresql".into());
    if let Some(tool) = &mut detail.tool {
        tool.version = Some(Text::from(run.version));
    }
    if run.command == "expire" {
        detail.items = Some(Items { deleted: Some(run.removed), ..Items::default() });
    }
    if run.command == "backup" {
        detail.level = match run.label.as_deref().and_then(|label| label.chars().last()) {
            Some('F') => Some(level("full")),
            Some('D') => Some(level("diff")),
            Some('I') => Some(level("incr")),
            _ => None,
        };
        lacks(&mut activity, "size");
    }
    complain(&mut activity, run.errors, run.warnings);
    found.activities.push(activity);
}

/// No command began in it: pgBackRest says little on the console unless it is told to.
fn silent(native: &Native<'_>, found: &mut Found) -> Result<(), NotUnderstood> {
    let known = native.known;
    let kind = match verb(known, &["backup", "restore", "verify", "expire"]) {
        Some("backup") => known.kind.unwrap_or(ActivityKind::Backup),
        Some("restore") => known.kind.unwrap_or(ActivityKind::Restore),
        Some("verify") => ActivityKind::Verification,
        Some("expire") => ActivityKind::Prune,
        _ => return Err(foreign(0, "it is neither the catalogue nor a log of pgBackRest")),
    };
    let outcome = match end(known) {
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
        End::Good | End::Unknown => {
            return Err(foreign(0, "pgBackRest says nothing; give `--log-level-console=info`, or its log file"));
        }
    };
    let Some(at) = crate::sources::logs::common::started(known, found) else { return Ok(()) };
    let mut activity = begin("pgbackrest", id("pgbackrest", kind.id(), at, known), kind, outcome, at, known);
    let mut errors = lines(native.stdout);
    errors.extend(lines(native.stderr));
    complain(&mut activity, errors, Vec::new());
    found.activities.push(activity);
    Ok(())
}
