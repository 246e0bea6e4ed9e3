//! PostgreSQL's own programs: pg_dump and pg_dumpall, pg_restore and psql, pg_basebackup and pg_verifybackup.

use super::common::{End, NoInstant, begin, complain, end, foreign, id, lacks, lines, local, started};
use super::dump::{Dump, outcome};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Depth};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "pg_dump",
    title: "pg_dump, pg_dumpall, pg_restore, psql, pg_basebackup, pg_verifybackup",
    docs: "\
A plain dump, or what the programs write, with standard error; of PostgreSQL 15 to 17. The command tells which program it \
was, so give it.

* A plain dump is whole only with `PostgreSQL database dump complete` near its end (`\\unrestrict` may follow it) **and** \
exit status 0. In the other formats only the exit status tells.
* `pg_restore --list` reads the table of contents and passes on a dump that was cut: *metadata*. `pg_restore -f /dev/null` \
reads everything: *full-read*.
* `psql -f` ends with 0 although statements failed: an `ERROR` is *partial*.
* `pg_verifybackup` reads every file and compares it with the manifest: *full-read*.
* `-v` writes times, in the server's zone.
",
    read,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    Dump,
    Restore,
    List,
    ReadThrough,
    BaseBackup,
    Verify,
}

impl Program {
    fn of(known: &Known) -> Option<Self> {
        let words: Vec<&str> = known.command.iter().flat_map(|word| word.split_whitespace()).collect();
        let runs = |name: &str| words.iter().any(|word| word.rsplit('/').next() == Some(name));
        let says = |option: &[&str]| words.iter().any(|word| option.contains(word));
        Some(match () {
            () if runs("pg_dump") || runs("pg_dumpall") => Self::Dump,
            () if runs("pg_restore") && says(&["-l", "--list"]) => Self::List,
            () if runs("pg_restore") && says(&["/dev/null", "-f/dev/null", "--file=/dev/null"]) => Self::ReadThrough,
            () if runs("pg_restore") || runs("psql") => Self::Restore,
            () if runs("pg_basebackup") => Self::BaseBackup,
            () if runs("pg_verifybackup") => Self::Verify,
            () => return None,
        })
    }
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let stderr = lines(native.stderr);
    let complaint =
        |line: &&Text| line.contains(": error: ") || line.contains("ERROR:  ") || line.contains(": fatal: ");
    let errors: Vec<Text> = stderr.iter().filter(complaint).cloned().collect();
    let warnings: Vec<Text> = stderr.iter().filter(|line| line.contains(": warning: ")).cloned().collect();
    let dump = Dump::of(native.stdout);
    let head = dump.head();
    let is_plain = head.iter().any(|line| line.starts_with("-- PostgreSQL database") && line.contains(" dump"));
    let program = Program::of(known).or(is_plain.then_some(Program::Dump));
    match program {
        None => Err(foreign(0, "neither the command nor the output is of a program of PostgreSQL")),
        Some(Program::Dump) => dumped(known, &dump, &head, errors, warnings),
        Some(other) => said(known, other, &dump, &stderr, errors, warnings),
    }
}

fn dumped(
    known: &Known,
    dump: &Dump,
    head: &[String],
    errors: Vec<Text>,
    warnings: Vec<Text>,
) -> Result<Found, NotUnderstood> {
    let tail = dump.tail();
    let words: Vec<&str> = known.command.iter().flat_map(|word| word.split_whitespace()).collect();
    let elsewhere =
        words.iter().any(|word| *word == ">" || *word == "-f" || word.starts_with("--file") || *word == "-Fd");
    let other_format = words.iter().any(|word| matches!(*word, "-Fc" | "-Ft" | "-Fd") || word.starts_with("--format"))
        || dump.bytes.starts_with(b"PGDMP");
    let whole = tail.iter().any(|line| line.starts_with("-- PostgreSQL database") && line.ends_with("dump complete"));
    let unseen = dump.bytes.is_empty() && elsewhere;
    let trailer = if unseen || other_format { None } else { Some(whole && !dump.broken) };
    let ended = end(known);
    let empty = dump.bytes.is_empty() && !elsewhere;
    let outcome = match ended {
        End::Stopped => Some(ActivityOutcome::Aborted),
        _ if empty => Some(ActivityOutcome::Failed),
        _ => outcome(ended, trailer, errors.is_empty() && !dump.broken),
    };
    let outcome = outcome.ok_or_else(|| foreign(0, "only its exit status tells how it ended, and nobody said it"))?;
    let mut found = Found::default();
    let time = |lines: &[String], word: &str| {
        lines.iter().find_map(|line| line.strip_prefix(word)).map(|text| zoned(text, known))
    };
    let (began, completed) = (time(head, "-- Started on "), time(&tail, "-- Completed on "));
    let Some(at) = began.and_then(Result::ok).or(known.started_at) else {
        found.problems.push(began.and_then(Result::err).unwrap_or(NoInstant::NotATime).problem(0));
        return Ok(found);
    };
    let kind = known.kind.unwrap_or(ActivityKind::Backup);
    let mut activity = begin("pg_dump", id("pg_dump", &known.file, at, known), kind, outcome, at, known);
    activity.completed_at = completed.and_then(Result::ok).or(activity.completed_at);
    if empty && errors.is_empty() {
        activity.message = Some("the dump is empty".into());
    } else if trailer == Some(false) && errors.is_empty() {
        activity.message = Some("the end of the dump is missing".into());
    }
    if unseen {
        lacks(&mut activity, "size")
    } else {
        dump.describe(&mut activity, trailer, &known.file)
    }
    activity.detail_mut().method = Some("database-dump".into());
    finish(activity, ended, errors, warnings, &mut found);
    Ok(found)
}

/// `2026-11-22 22:23:13 UTC`. Other abbreviations name no zone by themselves.
fn zoned(text: &str, known: &Known) -> Result<Instant, NoInstant> {
    let (time, zone) = text.trim().rsplit_once(' ').ok_or(NoInstant::NotATime)?;
    let known = match zone {
        "UTC" | "GMT" => &Known { timezone: Some(chrono_tz::UTC), ..Known::default() },
        _ => known,
    };
    local(time, "%Y-%m-%d %H:%M:%S", known)
}

/// The programs whose messages and exit status are all there is.
fn said(
    known: &Known,
    program: Program,
    dump: &Dump,
    stderr: &[Text],
    errors: Vec<Text>,
    warnings: Vec<Text>,
) -> Result<Found, NotUnderstood> {
    let ignored = warnings.iter().any(|line| line.contains("errors ignored on restore"));
    let ended = end(known);
    let stdout = String::from_utf8_lossy(&dump.bytes);
    let proven = match program {
        Program::BaseBackup => stderr.iter().any(|line| line.ends_with("base backup completed")),
        Program::Verify => stdout.lines().any(|line| line == "backup successfully verified"),
        _ => false,
    };
    let untold = || foreign(0, "only its exit status tells how it ended, and nobody said it");
    let outcome = match (ended, program) {
        (End::Stopped, _) => ActivityOutcome::Aborted,
        // `psql` goes on after an error, and `pg_restore` counts them.
        (End::Good | End::Unknown | End::Status(1), Program::Restore)
            if ignored || (known.exit_status == Some(0) && !errors.is_empty()) =>
        {
            ActivityOutcome::Partial
        }
        (End::Status(_), _) => ActivityOutcome::Failed,
        (End::Good | End::Unknown, _) if !errors.is_empty() => ActivityOutcome::Failed,
        (End::Good, Program::List) if dump.bytes.is_empty() => ActivityOutcome::Failed,
        (End::Good, _) => ActivityOutcome::Succeeded,
        (End::Unknown, _) if proven => ActivityOutcome::Succeeded,
        (End::Unknown, Program::Restore) if known.exit_status == Some(0) => ActivityOutcome::Succeeded,
        (End::Unknown, _) => return Err(untold()),
    };
    let mut found = Found::default();
    let Some(at) = started(known, &mut found) else { return Ok(found) };
    let (kind, what, depth) = match program {
        Program::Dump | Program::BaseBackup => (known.kind.unwrap_or(ActivityKind::Backup), "basebackup", None),
        Program::Restore => (known.kind.unwrap_or(ActivityKind::Restore), "restore", Some(Depth::Restored)),
        Program::List => (ActivityKind::Verification, "list", Some(Depth::Metadata)),
        Program::ReadThrough => (ActivityKind::Verification, "read", Some(Depth::FullRead)),
        Program::Verify => (ActivityKind::Verification, "verify", Some(Depth::FullRead)),
    };
    let mut activity = begin("pg_dump", id("pg_dump", what, at, known), kind, outcome, at, known);
    activity.detail_mut().depth = depth;
    if program == Program::BaseBackup {
        activity.detail_mut().level = Some("full".into());
        lacks(&mut activity, "size");
    }
    finish(activity, ended, errors, warnings, &mut found);
    Ok(found)
}

fn finish(mut activity: Activity, ended: End, errors: Vec<Text>, warnings: Vec<Text>, found: &mut Found) {
    activity.detail_mut().data_type = Some("postgresql".into());
    if ended == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, errors, warnings);
    found.activities.push(activity);
}
