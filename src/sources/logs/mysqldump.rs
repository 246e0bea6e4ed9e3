//! mysqldump and mariadb-dump: the dump itself, and what they and the client say on standard error.

use super::common::{End, NoInstant, arguments, begin, complain, end, foreign, id, lacks, lines, local, started};
use super::dump::{Dump, outcome};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Depth};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "mysqldump",
    title: "mysqldump and mariadb-dump: the dump, plain or gzip, and standard error; restores with the client",
    docs: "\
A dump file, or what the program wrote to standard output, with its standard error; of MySQL and MariaDB.

* A dump is whole only with its last line, `-- Dump completed`, **and** exit status 0 without an error: with `--force` the \
line is there although tables are missing (*partial*).
* With `--skip-comments` or `--compact` there is no such line: only the exit status tells.
* An empty dump is *failed*. One without its end is *partial*, whatever a pipeline's status was.
* The time in the last line is local, without a zone: declare `timezone`.
* A restore with `mysql` ends with 0 even if the dump was empty or cut between two statements: it is *restored*, never \
*compared*.
",
    read,
};

const DUMPERS: [&str; 2] = ["mysqldump", "mariadb-dump"];
const CLIENTS: [&str; 2] = ["mysql", "mariadb"];

/// Whether the command runs one of these programs.
fn runs(known: &Known, programs: &[&str]) -> bool {
    let mut words = known.command.iter().flat_map(|word| word.split_whitespace());
    words.any(|word| programs.contains(&word.rsplit('/').next().unwrap_or(word)))
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let errors: Vec<Text> = lines(native.stderr)
        .into_iter()
        .filter(|line| {
            let complains = DUMPERS.iter().any(|name| line.starts_with(&format!("{name}: ")));
            (complains && !line.contains("[Warning]")) || line.starts_with("ERROR ")
        })
        .collect();
    if runs(native.known, &CLIENTS) && !runs(native.known, &DUMPERS) {
        return restore(native.known, errors);
    }
    let known = native.known;
    let dump = Dump::of(native.stdout);
    let (head, tail) = (dump.head(), dump.tail());
    let is_dump = head.iter().any(|line| line.starts_with("-- MySQL dump") || line.starts_with("-- MariaDB dump"));
    let said = |option: &str| DUMPERS.iter().any(|name| arguments(known, name).any(|word| word == option));
    let elsewhere = known
        .command
        .iter()
        .flat_map(|word| word.split_whitespace())
        .any(|word| word == ">" || word.starts_with("--result-file") || word.starts_with("-r"));
    let last = tail.iter().rev().find(|line| line.starts_with("-- Dump completed"));
    let empty = dump.bytes.is_empty() && !elsewhere;
    let trailer = match last {
        Some(_) => Some(!dump.broken),
        None if dump.bytes.is_empty() && elsewhere => None,
        None if said("--skip-comments") || said("--compact") => None,
        None => Some(false),
    };
    if !is_dump && last.is_none() && errors.is_empty() && !runs(known, &DUMPERS) {
        return Err(foreign(0, "it is no dump of MySQL or MariaDB"));
    }
    let ended = end(known);
    let outcome = match ended {
        End::Stopped => Some(ActivityOutcome::Aborted),
        _ if empty => Some(ActivityOutcome::Failed),
        _ => outcome(ended, trailer, errors.is_empty() && !dump.broken),
    };
    let outcome = outcome.ok_or_else(|| foreign(0, "only its exit status tells how it ended, and nobody said it"))?;
    let mut found = Found::default();
    let finished = last.map(|line| completed(line, known));
    let at = match (known.started_at, &finished) {
        (Some(at), _) => at,
        (None, Some(Ok(at))) => *at,
        (None, Some(Err(why))) => {
            found.problems.push(why.problem(0));
            return Ok(found);
        }
        (None, None) => {
            found.problems.push(NoInstant::NotATime.problem(0));
            return Ok(found);
        }
    };
    let mut activity = begin(
        "mysqldump",
        id("mysqldump", &known.file, at, known),
        known.kind.unwrap_or(ActivityKind::Backup),
        outcome,
        at,
        known,
    );
    activity.completed_at = finished.and_then(Result::ok).or(activity.completed_at);
    if empty && errors.is_empty() {
        activity.message = Some("the dump is empty".into());
    } else if trailer == Some(false) && errors.is_empty() {
        activity.message = Some("the end of the dump is missing".into());
    }
    if elsewhere && dump.bytes.is_empty() {
        lacks(&mut activity, "size");
    } else {
        dump.describe(&mut activity, trailer, &known.file);
    }
    let detail = activity.detail_mut();
    detail.data_type = Some("mysql".into());
    detail.method = Some("database-dump".into());
    let host = head.iter().find_map(|line| line.strip_prefix("-- Host: "));
    let database = host.and_then(|line| line.split_once("Database: ")).map(|(_, name)| name.trim());
    detail.sources = database.filter(|name| !name.is_empty()).map(Text::from).into_iter().collect();
    if known.started_at.is_none() {
        lacks(&mut activity, "start");
    }
    if ended == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, errors, Vec::new());
    found.activities.push(activity);
    Ok(found)
}

/// The time of `-- Dump completed on 2026-11-23  7:19:03`: local, its hour padded with a space.
fn completed(line: &str, known: &Known) -> Result<Instant, NoInstant> {
    let date = line.split_once(" on ").ok_or(NoInstant::NotATime)?.1;
    let words: Vec<&str> = date.split_whitespace().collect();
    local(&words.join(" "), "%Y-%m-%d %H:%M:%S", known)
}

/// The client that reads a dump stops at the first error, unless it was told to go on.
fn restore(known: &Known, errors: Vec<Text>) -> Result<Found, NotUnderstood> {
    let outcome = match end(known) {
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
        End::Good | End::Unknown if !errors.is_empty() => ActivityOutcome::Failed,
        End::Good => ActivityOutcome::Succeeded,
        // The client comes last in the pipelines that restore, so its status is known.
        End::Unknown if known.exit_status == Some(0) => ActivityOutcome::Succeeded,
        End::Unknown => return Err(foreign(0, "only its exit status tells how it ended, and nobody said it")),
    };
    let mut found = Found::default();
    let Some(at) = started(known, &mut found) else { return Ok(found) };
    let kind = known.kind.unwrap_or(ActivityKind::Restore);
    let mut activity = begin("mysqldump", id("mysqldump", "restore", at, known), kind, outcome, at, known);
    let detail = activity.detail_mut();
    detail.data_type = Some("mysql".into());
    detail.depth = Some(Depth::Restored);
    lacks(&mut activity, "comparison");
    complain(&mut activity, errors, Vec::new());
    found.activities.push(activity);
    Ok(found)
}
