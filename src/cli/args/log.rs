//! The grammar of `lastgood log …`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::instant;
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Depth, Trigger};
use crate::model::attestation::AttestationKind;

/// `lastgood log …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LogCommand {
    /// Run a backup command, and record start, end, exit status, size and checksum
    ///
    /// Exits with the status of the command; with 1 where the command says 0 and the result is not what was
    /// asked for, or the log could not be written.
    Run(RunArgs),
    /// Write down something that happened: a restore, a restore test, a recovery, a notification, …
    Record(RecordEventArgs),
    /// Append the records that a backup tool wrote of itself
    Import(ImportArgs),
    /// Say whether logs are unbroken
    Verify {
        /// Logs, or folders of them
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Heads of the logs that were kept elsewhere
        #[arg(long, value_name = "FILE")]
        anchors: Option<PathBuf>,
    },
    /// Look whether what the records say was made is still there, as recorded
    Artefacts(ArtefactsArgs),
    /// Print the head of a log, to be kept where its writers cannot reach it
    Anchor {
        /// The log
        #[arg(long, value_name = "FILE", env = "LASTGOOD_LOG", default_value = "backup.jsonl")]
        log: PathBuf,
    },
    /// Record that the log lives, though nothing happened
    Heartbeat {
        /// The log
        #[arg(long, value_name = "FILE", env = "LASTGOOD_LOG", default_value = "backup.jsonl")]
        log: PathBuf,
        /// A word on it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Begin a new file, which goes on where the old one ends
    Rotate {
        /// The log
        #[arg(long, value_name = "FILE", env = "LASTGOOD_LOG", default_value = "backup.jsonl")]
        log: PathBuf,
    },
}

/// What an activity is about, and how it was done.
#[derive(Debug, Args)]
pub(in crate::cli) struct ActivityArgs {
    /// The log
    #[arg(long, value_name = "FILE", env = "LASTGOOD_LOG", default_value = "backup.jsonl")]
    pub(in crate::cli) log: PathBuf,
    /// What it is about: an ARN or component:APPLICATION/NAME
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) resource: Option<String>,
    /// The application
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) application: Option<String>,
    /// What sort of data: mysql, postgresql, files, git, configuration, …
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) data_type: Option<String>,
    /// How: file-system, database-dump, server-snapshot, repository-mirror, …
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) method: Option<String>,
    /// full, incremental or differential
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) level: Option<String>,
    /// What set it off
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) trigger: Option<TriggerArg>,
    /// Who did it [default for what is done by hand: the user, behind sudo the person]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) operator: Option<String>,
    /// The operator's team
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) team: Option<String>,
    /// Why: a ticket, a sentence
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// For verifications, restores and tests: the artefact or recovery point it was about
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) of: Option<String>,
    /// For verifications and tests: how deeply it looked
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) depth: Option<DepthArg>,
    /// How the data was compared: checksums, row-counts, file-manifest, …
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) compared_by: Option<String>,
    /// Where the data was restored or copied to
    #[arg(long, value_name = "PLACE")]
    pub(in crate::cli) target: Option<String>,
    /// test or production
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) environment: Option<String>,
}

/// `lastgood log run`.
#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// What the command does
    #[arg(long, value_name = "KIND", default_value = "backup")]
    pub(in crate::cli) kind: KindArg,
    #[command(flatten)]
    pub(in crate::cli) activity: ActivityArgs,
    /// Write what the command prints to this file; it gets its name only when all is well
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Compress it on the way
    #[arg(long, value_name = "HOW")]
    pub(in crate::cli) compress: Option<CompressArg>,
    /// Look for the last words of this tool at the end of what it writes
    #[arg(long, value_name = "TOOL", requires = "out")]
    pub(in crate::cli) expect: Option<ExpectArg>,
    /// Fewer bytes than this, before compression, are a failure
    #[arg(long, value_name = "BYTES", requires = "out", value_parser = bytes)]
    pub(in crate::cli) min_bytes: Option<u64>,
    /// Kill the command after this time, such as 90m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// An exit status that means that parts failed; repeatable
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) partial_exit: Vec<i32>,
    /// Read the command's output as that of this tool
    #[arg(long, value_name = "TOOL", conflicts_with = "out")]
    pub(in crate::cli) native: Option<String>,
    /// Do not write the command line down
    #[arg(long)]
    pub(in crate::cli) hide_command: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<String>,
}

/// `lastgood log artefacts`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ArtefactsArgs {
    /// Logs, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Record what came of it in this log, as a verification of each resource
    #[arg(long, value_name = "LOG")]
    pub(in crate::cli) record: Option<PathBuf>,
    /// The profile of the shared AWS configuration, for objects of S3
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Send every call to this address instead of AWS
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) endpoint_url: Option<String>,
}

/// `lastgood log record`.
#[derive(Debug, Args)]
pub(in crate::cli) struct RecordEventArgs {
    /// What happened
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) kind: KindArg,
    #[command(flatten)]
    pub(in crate::cli) activity: ActivityArgs,
    /// When it began [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) started: Option<Instant>,
    /// When it ended
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) ended: Option<Instant>,
    /// How it ended
    #[arg(long, value_name = "WORD", default_value = "succeeded")]
    pub(in crate::cli) outcome: OutcomeArg,
    /// For restores and tests: what the check on the restored data found
    #[arg(long, value_name = "WORD")]
    pub(in crate::cli) validation: Option<ValidationArg>,
    /// The size of the data in bytes, such as 12G
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(in crate::cli) size: Option<u64>,
    /// What it made: a path, an object, a snapshot; repeatable
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) artefact: Vec<String>,
    /// A problem that was met; repeatable
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) error: Vec<String>,
    /// For recoveries: what had failed
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) cause: Option<String>,
    /// For recoveries: what was done; repeatable, in order
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) action: Vec<String>,
    /// Who was told; repeatable
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) notified: Vec<String>,
    /// For notifications and reviews: the id of the activity it is about
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) about: Option<String>,
    /// Who looked it over
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) reviewer: Option<String>,
    /// A file that shows it; it is hashed; repeatable
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) evidence: Vec<PathBuf>,
}

/// `lastgood log import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// Which tool wrote it
    #[arg(long, value_name = "TOOL")]
    pub(in crate::cli) tool: String,
    /// What it wrote: standard output, a log file, a catalogue
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Its standard error
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) stderr: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) activity: ActivityArgs,
    /// The time zone of times that the tool writes without one; never guessed
    #[arg(long, value_name = "ZONE")]
    pub(in crate::cli) timezone: Option<chrono_tz::Tz>,
    /// The exit status of the run
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) exit_status: Option<i32>,
    /// When the run began, where the tool does not say
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) started: Option<Instant>,
    /// When the run ended, where the tool does not say
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) ended: Option<Instant>,
    /// Which jobs are meant, where a record holds those of many (cron, systemd, bacula); `*` stands for anything
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) job: Option<String>,
    /// The machine it ran on
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) host: Option<String>,
    /// The version of the tool
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) tool_version: Option<String>,
    /// The command that was run: depth and sources are read from it
    #[arg(last = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident for $of:ident: $($variant:ident $meaning:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub(in crate::cli) enum $name { $(#[doc = $meaning] $variant),* }

        impl From<$name> for $of {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant),* }
            }
        }
    };
}

words! {
    /// What happened.
    KindArg for ActivityKind:
        Backup "A backup was made",
        Copy "A recovery point was copied",
        Restore "Data was restored for use",
        RestoreTest "Data was restored to prove that it can be",
        Verification "Stored data was verified without restoring it",
        Prune "Recovery points were deleted on purpose",
        Recovery "A system was restarted, failed over or recovered after a failure",
        Notification "People were told of a failure",
        Review "A log, a schedule or a procedure was looked through by a person"
}
words! {
    /// What set it off.
    TriggerArg for Trigger:
        Scheduled "A schedule: cron, a timer, a backup plan",
        Manual "A person"
}
words! {
    /// How deeply it looked.
    DepthArg for Depth:
        Listed "The artefact was listed",
        Metadata "Its index or metadata was consistent",
        Sampled "A sample of its data was read",
        FullRead "All of its data was read and matched its checksums",
        Restored "Its data was restored",
        Compared "Its data was restored and compared with the original, or with known counts or checksums"
}
words! {
    /// What sort of statement.
    AttestationKindArg for AttestationKind:
        Review "Something was looked through by a person",
        Procedure "How something is done, written down",
        Statement "A fact that no system records"
}
words! {
    /// How it ended.
    OutcomeArg for ActivityOutcome:
        Succeeded "It did all it should",
        CompletedWithIssues "It ended as completed and reported problems",
        Partial "Parts of it failed",
        Failed "It failed",
        Aborted "It was stopped"
}

impl OutcomeArg {
    /// As the model has it.
    pub(in crate::cli) fn outcome(self) -> ActivityOutcome {
        self.into()
    }
}

/// What the check on restored data found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ValidationArg {
    /// The data was right
    Successful,
    /// It was not
    Failed,
}

/// How an artefact is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CompressArg {
    /// gzip
    Gzip,
}

/// Tools that write known last words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExpectArg {
    /// mysqldump or mariadb-dump, with its comments
    Mysqldump,
    /// pg_dump or pg_dumpall in plain text
    PgDump,
}

/// `1500`, `64K`, `12M`, `3G`, `1T`: powers of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let shift = match unit.trim_end_matches(['i', 'B']) {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("write a number of bytes, such as 1500, 64K, 12M or 3G".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write a number of bytes, such as 1500, 64K, 12M or 3G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "no file is that large".to_owned())
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let span: crate::model::span::Span =
        text.parse().map_err(|error: crate::model::span::SpanError| error.to_string())?;
    span.delta().to_std().map_err(|_| "a time-out lies in the future".to_owned())
}
