//! Readers of the records that backup tools write of themselves: the interface and the registry.

use chrono_tz::Tz;

use super::redact;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, Trigger};
use crate::model::recovery_point::RecoveryPoint;
use crate::model::text::Text;

/// What a tool wrote, and what the caller knows of the run besides.
#[derive(Clone, Copy, Debug)]
pub struct Native<'a> {
    /// The tool's standard output, or the contents of the log file, catalogue or artefact tail.
    pub stdout: &'a [u8],
    /// The tool's standard error; empty where there was none.
    pub stderr: &'a [u8],
    /// What is known besides.
    pub known: &'a Known,
}

/// What the caller knows: `log run` all of it, a declared native log what its declaration says.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The file that it comes from, for messages and ids.
    pub file: Text,
    /// The tool's version.
    pub tool_version: Option<Text>,
    /// The command with its arguments. Depth, sources and options are read from it.
    pub command: Vec<Text>,
    /// The exit status.
    pub exit_status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// When it began.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// The zone of times that the tool writes without one. Never guessed: without it such a time is
    /// missing.
    pub timezone: Option<Tz>,
    /// The machine.
    pub host: Option<Text>,
    /// Who ran it.
    pub operator: Option<Text>,
    /// What set it off.
    pub trigger: Option<Trigger>,
    /// What it was about: an ARN or `component:APPLICATION/NAME`.
    pub resource: Option<Text>,
    /// The application.
    pub application: Option<Text>,
    /// Which jobs are meant, where a record holds those of many: a pattern with `*` for the command of cron,
    /// the unit of systemd, the job of Bacula.
    pub job: Option<Text>,
    /// What was done, where the tool's record does not tell (an `rsync -nc` is a verification).
    pub kind: Option<ActivityKind>,
}

/// What a reader found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What happened.
    pub activities: Vec<Activity>,
    /// What is stored, where the record is a catalogue (`restic snapshots`, `pgbackrest info`).
    pub points: Vec<RecoveryPoint>,
    /// What was not understood, by line from 1 (0: the whole).
    pub problems: Vec<Problem>,
}

/// Something that a reader did not understand, or must warn of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A short word, as in [`LogProblem`](crate::model::log::LogProblem).
    pub code: &'static str,
    /// The line, from 1; 0 for the whole.
    pub line: u64,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// The input is not what the reader reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotUnderstood {
    /// The line, from 1; 0 for the whole.
    pub line: u64,
    /// What was expected and what stands there.
    pub why: String,
}

/// A reader of one tool's records.
pub struct Reader {
    /// Its name in `log import --tool` and `log run --native`.
    pub id: &'static str,
    /// What it reads, in a line.
    pub title: &'static str,
    /// Markdown: which records of which versions, what each proves and what it cannot.
    pub docs: &'static str,
    /// What reads; called by [`Reader::read`] alone.
    pub(super) read: fn(&Native<'_>) -> Result<Found, NotUnderstood>,
}

impl Reader {
    /// Read everything in the input. Whatever looks like a secret is blotted out of all that is found: the
    /// commands of a record, its messages, and what is said of it.
    ///
    /// # Errors
    ///
    /// The input is not this tool's, or does not say what it must.
    pub fn read(&self, native: &Native<'_>) -> Result<Found, NotUnderstood> {
        let mut found = (self.read)(native)
            .map_err(|error| NotUnderstood { why: redact::argument(&error.why).into_owned(), line: error.line })?;
        for activity in &mut found.activities {
            redact::activity(activity);
        }
        for problem in &mut found.problems {
            problem.message = redact::argument(&problem.message).into_owned();
        }
        Ok(found)
    }
}

/// Every reader, by name.
pub const READERS: &[&Reader] = &[
    &super::restic::READER,
    &super::rustic::READER,
    &super::borg::READER,
    &super::borgmatic::READER,
    &super::pgbackrest::READER,
    &super::barman::READER,
    &super::pg_dump::READER,
    &super::mysqldump::READER,
    &super::mydumper::READER,
    &super::mariabackup::READER,
    &super::rsync::READER,
    &super::tar::READER,
    &super::git::READER,
    &super::aws::JOBS,
    &super::aws::REPORT,
    &super::aws::EVENTS,
    &super::duplicity::READER,
    &super::rclone::READER,
    &super::aws_s3::READER,
    &super::rsnapshot::READER,
    &super::bacula::READER,
    &super::cron::READER,
    &super::systemd::READER,
];

/// The reader of this name.
pub fn find(id: &str) -> Option<&'static Reader> {
    READERS.iter().copied().find(|reader| reader.id == id)
}
