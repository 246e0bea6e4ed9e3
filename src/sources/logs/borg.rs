//! borg: what `create`, `list` and `info` write with `--json`, and what `check`, `extract`, `prune` and
//! `compact` write with `--log-json`.

use serde_json::Value;

use super::common::{
    End, begin, complain, end, epoch, field, foreign, id, lacks, lines, moment, number, point, says, text, utf8, verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Artefact, Bytes, Depth, Items};
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "borg",
    title: "borg create, list and info with --json; check, extract, prune and compact with --log-json",
    docs: "\
The archive that `create --json` prints, the lists of `list`, `repo-list` and `info`, and the messages of the other \
commands with `--log-json`, of borg 1.2, 1.4 and 2.0. Give standard error too, since messages stand there.

* Exit status 1 or 100 to 127, or a file left out, is *partial*; 2 to 99 is *failed*.
* An archive of at most one file and less than 1 KiB is *failed*: that is what a failed dump on standard input leaves \
behind, with exit status 0.
* `check` reads data only with `--verify-data`: without it the depth is *metadata*.
* borg 1 writes local times without a zone: declare `timezone`.
* A list shows archives and cannot tell a complete one from a partial one.
",
    read,
};

/// The commands that are told apart.
const COMMANDS: &[&str] =
    &["create", "check", "extract", "prune", "compact", "list", "info", "repo-list", "repo-info", "delete"];

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let stdout = utf8(native.stdout)?.trim();
    let said = Said::of(native.stderr);
    let mut found = Found::default();
    match serde_json::from_str::<Value>(stdout) {
        Ok(value) if value.get("archive").is_some_and(Value::is_object) => {
            create(&value, native.known, &said, "borg", &mut found);
        }
        Ok(value) if value.get("archives").is_some_and(Value::is_array) => list(&value, native.known, &mut found)?,
        // A repository's own description.
        Ok(value) if value.get("repository").is_some() => {}
        Err(_) if !stdout.starts_with('{') => other(native.known, &said, &mut found)?,
        Ok(_) | Err(_) => return Err(foreign(1, "it is no JSON of borg, or it was cut")),
    }
    Ok(found)
}

/// What stands on standard error.
#[derive(Default)]
pub(super) struct Said {
    pub(super) errors: Vec<Text>,
    pub(super) warnings: Vec<Text>,
    /// Something could not be read and is not in the archive.
    pub(super) left_out: bool,
    first: Option<Instant>,
    last: Option<Instant>,
    /// The last message of borg itself.
    end: Text,
}

impl Said {
    /// Messages as `--log-json` writes them, and what stands between them as text.
    pub(super) fn of(stderr: &[u8]) -> Self {
        let mut said = Self::default();
        for line in lines(stderr) {
            let Ok(value) = serde_json::from_str::<Value>(&line) else {
                if line.contains("[Errno ") {
                    said.left_out = true;
                    said.warnings.push(line);
                }
                continue;
            };
            let (Some(message), Some(level)) = (text(field(&value, "message")), field(&value, "levelname").as_str())
            else {
                // Progress, and one line for each file: `E` is one that could not be read.
                if *field(&value, "status") == "E" {
                    said.left_out = true;
                }
                continue;
            };
            let at = epoch(field(&value, "time"));
            said.first = said.first.or(at);
            said.last = at.or(said.last);
            said.end = message.clone();
            match level {
                "ERROR" | "CRITICAL" => said.errors.push(message),
                "WARNING" => {
                    said.left_out |= message.contains("[Errno ")
                        || field(&value, "msgid").as_str().is_some_and(|id| id.starts_with("Backup"));
                    said.warnings.push(message);
                }
                _ => {}
            }
        }
        said
    }
}

/// The archive that `create --json` describes.
pub(super) fn create(value: &Value, known: &Known, said: &Said, tool: &'static str, found: &mut Found) {
    let archive = field(value, "archive");
    let stats = field(archive, "stats");
    let at = match moment(field(archive, "start"), known).or_else(|why| known.started_at.ok_or(why)) {
        Ok(at) => at,
        Err(why) => return found.problems.push(why.problem(1)),
    };
    let (files, size) = (number(field(stats, "nfiles")), number(field(stats, "original_size")));
    // borgmatic adds a manifest of its own to each archive.
    let own = u64::from(tool == "borgmatic");
    let empty = files.is_none_or(|files| files <= 1 + own) && size.is_none_or(|size| size < 1024 * (1 + own));
    let outcome = match end(known) {
        _ if empty => ActivityOutcome::Failed,
        End::Good if said.left_out => ActivityOutcome::Partial,
        End::Good => ActivityOutcome::Succeeded,
        End::Unknown if said.errors.is_empty() && said.warnings.is_empty() => ActivityOutcome::Succeeded,
        End::Unknown | End::Status(1 | 100..=127) => ActivityOutcome::Partial,
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
    };
    let name = field(archive, "id").as_str().unwrap_or_default();
    let mut activity = begin(tool, format!("borg:{name}"), ActivityKind::Backup, outcome, at, known);
    activity.completed_at = moment(field(archive, "end"), known).ok().or(activity.completed_at);
    activity.size = size;
    if empty {
        let held = if own > 0 { "nothing but borgmatic's manifest" } else { "at most one file and less than 1 KiB" };
        activity.message = Some(Text::from(format!("the archive holds {held}")));
    }
    complain(&mut activity, said.errors.clone(), said.warnings.clone());
    let encrypted = encrypted(value);
    let detail = activity.detail_mut();
    detail.bytes = Some(Bytes { source: size, stored: None, moved: number(field(stats, "deduplicated_size")) });
    detail.items = Some(Items { total: files, done: files, ..Items::default() });
    detail.sources = sources(field(archive, "command_line"));
    detail.artefacts = vec![Artefact { uri: Text::from(name), encrypted, ..Artefact::default() }];
    if end(known) == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    found.activities.push(activity);
}

/// The paths after the archive's name, where the command line leaves no doubt (borg 1).
fn sources(command_line: &Value) -> Vec<Text> {
    let words: Vec<&str> = command_line.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let paths = || words.iter().skip_while(|word| !word.contains("::")).skip(1);
    if paths().any(|word| word.starts_with('-')) { Vec::new() } else { paths().map(|word| Text::from(*word)).collect() }
}

/// Whether the repository is encrypted; its `authenticated` modes are not.
fn encrypted(value: &Value) -> Option<bool> {
    let mode = field(field(value, "encryption"), "mode").as_str()?;
    Some(mode != "none" && !mode.starts_with("authenticated"))
}

/// The archives that `list`, `repo-list` and `info` show.
pub(super) fn list(value: &Value, known: &Known, found: &mut Found) -> Result<(), NotUnderstood> {
    let encrypted = encrypted(value);
    for (n, archive) in field(value, "archives").as_array().into_iter().flatten().enumerate() {
        let Some(name) = field(archive, "id").as_str() else {
            return Err(foreign(1, format!("entry {} of the list is no archive", n + 1)));
        };
        let at = match moment(field(archive, "start"), known) {
            Ok(at) => at,
            Err(why) => {
                found.problems.push(why.problem(1));
                continue;
            }
        };
        let stats = field(archive, "stats");
        let (files, size) = (number(field(stats, "nfiles")), number(field(stats, "original_size")));
        let empty = files.is_some_and(|files| files <= 1) && size.is_some_and(|size| size < 1024);
        // borg 1 leaves these behind when it is interrupted.
        let checkpoint = field(archive, "name").as_str().is_some_and(|name| name.contains(".checkpoint"));
        let status = match (empty, checkpoint) {
            (true, _) => PointStatus::Error,
            (_, true) => PointStatus::Partial,
            _ => PointStatus::Completed,
        };
        found.points.push(RecoveryPoint {
            completed_at: moment(field(archive, "end"), known).ok(),
            encrypted: encrypted.map_or(Fact::Unread, Fact::Known),
            size,
            ..point(Text::from(format!("borg:{name}")), status, at, known)
        });
    }
    Ok(())
}

/// Everything that says how it went by messages and the exit status only.
fn other(known: &Known, said: &Said, found: &mut Found) -> Result<(), NotUnderstood> {
    let checking = said.end.starts_with("Archive consistency check") || said.end.contains("repository check");
    let command = verb(known, COMMANDS).or(checking.then_some("check"));
    let bad = matches!(end(known), End::Status(_) | End::Stopped) || !said.errors.is_empty();
    let kind = match command {
        Some("check") => ActivityKind::Verification,
        Some("extract") if says(known, "--dry-run") => ActivityKind::Verification,
        Some("extract") => known.kind.unwrap_or(ActivityKind::Restore),
        Some("prune" | "compact" | "delete") => ActivityKind::Prune,
        Some("create") | None if bad => known.kind.unwrap_or(ActivityKind::Backup),
        Some("create") | None => return Err(foreign(0, "no archive of borg stands in it; was `--json` given?")),
        Some(_) if bad => return Err(foreign(0, "the list could not be read")),
        Some(_) => return Err(foreign(0, "no list of borg stands in it; was `--json` given?")),
    };
    let clean = said.errors.is_empty();
    let outcome = match (end(known), kind) {
        (End::Good, _) if clean && said.warnings.is_empty() => ActivityOutcome::Succeeded,
        (End::Good, _) if clean => ActivityOutcome::CompletedWithIssues,
        (End::Unknown, ActivityKind::Verification) if clean && said.end.ends_with("no problems found.") => {
            ActivityOutcome::Succeeded
        }
        (End::Unknown, _) if clean => {
            return Err(foreign(0, "only its exit status tells how this command ended, and nobody said it"));
        }
        (End::Status(1 | 100..=127), ActivityKind::Restore | ActivityKind::RestoreTest) if clean => {
            ActivityOutcome::Partial
        }
        (End::Stopped, _) => ActivityOutcome::Aborted,
        _ => ActivityOutcome::Failed,
    };
    let Some(at) = said.first.or(known.started_at) else {
        found.problems.push(super::common::NoInstant::NotATime.problem(0));
        return Ok(());
    };
    let what = command.unwrap_or("create");
    let mut activity = begin("borg", id("borg", what, at, known), kind, outcome, at, known);
    activity.completed_at = activity.completed_at.or(said.last);
    complain(&mut activity, said.errors.clone(), said.warnings.clone());
    activity.detail_mut().depth = match (kind, what) {
        (ActivityKind::Restore | ActivityKind::RestoreTest, _) => Some(Depth::Restored),
        // It reads and decrypts every chunk and writes nothing.
        (ActivityKind::Verification, "extract") => Some(Depth::FullRead),
        (ActivityKind::Verification, _) if known.command.is_empty() => None,
        (ActivityKind::Verification, _) if says(known, "--verify-data") => Some(Depth::FullRead),
        (ActivityKind::Verification, _) => Some(Depth::Metadata),
        _ => None,
    };
    if kind == ActivityKind::Verification && activity.detail_mut().depth.is_none() {
        lacks(&mut activity, "depth");
    }
    found.activities.push(activity);
    Ok(())
}
