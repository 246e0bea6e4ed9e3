//! The grammar of `lastgood plan` and `lastgood apply`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{AwsArgs, Color, PolicyArgs, RecordArgs, instant};
use crate::model::Instant;
use crate::model::plan::{BucketPrefix, Level};
use crate::model::span::Span;

/// Shown below the help text.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  a plan was made, which may hold nothing to do
  1  the tool failed
  2  wrong usage or an invalid policy";

/// `lastgood plan`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    pub(in crate::cli) policies: PolicyArgs,
    #[command(flatten)]
    pub(in crate::cli) aws: AwsArgs,
    /// Plan for the bundled demo estate
    #[arg(long, conflicts_with_all = ["inventory", "region", "profile", "assume_role", "endpoint_url"])]
    pub(in crate::cli) demo: bool,
    /// Plan for a saved inventory instead of reading AWS
    #[arg(long, value_name = "FILE", conflicts_with_all = ["region", "profile", "assume_role", "endpoint_url"])]
    pub(in crate::cli) inventory: Option<PathBuf>,
    /// Take the findings from this saved assessment of that inventory instead of judging it
    #[arg(long, value_name = "FILE", requires = "inventory")]
    pub(in crate::cli) assessment: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) records: RecordArgs,
    /// Plan as of this instant instead of now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) as_of: Option<Instant>,
    /// Plan only these [default: all of them]
    #[arg(long, value_name = "VERB", value_delimiter = ',')]
    pub(in crate::cli) only: Vec<Verb>,
    /// Plan only for resources whose ARN or name matches this pattern; repeatable
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) resource: Vec<String>,
    /// How much the restore tests prove [default: read, and s3-version for buckets]
    #[arg(long, value_name = "LEVEL")]
    pub(in crate::cli) level: Option<LevelArg>,
    /// How many blocks or versions the restore tests read, drawn by `--seed`; 0 for all [default: all blocks, 1000 versions]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) sample: Option<u64>,
    /// The seed of the sample: the same draws the same
    #[arg(long, value_name = "NUMBER", default_value = "0", requires = "sample")]
    pub(in crate::cli) seed: u64,
    /// The instance to which restored volumes are attached and on which they are looked at; it must carry the tag
    /// lastgood:purpose = restore-test
    #[arg(long, value_name = "INSTANCE_ID")]
    pub(in crate::cli) test_instance: Option<String>,
    /// The role with which AWS Backup restores for a test
    #[arg(long, value_name = "ROLE_ARN")]
    pub(in crate::cli) restore_role: Option<String>,
    /// Plan restore tests of what was tested in time too
    #[arg(long)]
    pub(in crate::cli) again: bool,
    /// Restore previous versions of objects here too, compare them, and remove them again
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pub(in crate::cli) restore_to: Option<BucketPrefix>,
    /// The vault of backups on demand, where nothing of the resource names one
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) vault: Option<String>,
    /// The role of backups on demand, where no plan of the resource names one
    #[arg(long, value_name = "ROLE_ARN")]
    pub(in crate::cli) backup_role: Option<String>,
    /// Never delete the newest so many good copies of a resource
    #[arg(long, value_name = "NUMBER", default_value = "3", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) keep_newest: u32,
    /// A tag that keeps a point whatever its value (`*` matches any text), besides those that always do; repeatable
    #[arg(long, value_name = "KEY")]
    pub(in crate::cli) hold_tag: Vec<String>,
    /// Delete nothing of a resource of which more than so many points would go
    #[arg(long, value_name = "NUMBER", default_value = "100")]
    pub(in crate::cli) max_per_resource: u64,
    /// Delete nothing of a resource of which more than so much of its points would go
    #[arg(long, value_name = "PERCENT", default_value = "60", value_parser = clap::value_parser!(u64).range(0..=100))]
    pub(in crate::cli) max_percent_per_resource: u64,
    /// Delete nothing at all if more than so many points would go
    #[arg(long, value_name = "NUMBER", default_value = "1000")]
    pub(in crate::cli) max_per_run: u64,
    /// Delete nothing at all if more than so much of all points would go
    #[arg(long, value_name = "PERCENT", default_value = "30", value_parser = clap::value_parser!(u64).range(0..=100))]
    pub(in crate::cli) max_percent_per_run: u64,
    /// Mark points first, and delete them by a plan that is made after this time
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "24h", require_equals = true)]
    pub(in crate::cli) two_phase: Option<Span>,
    /// For how long the plan may be applied
    #[arg(long, value_name = "TIME", default_value = "1d")]
    pub(in crate::cli) lifetime: Span,
    /// Save the plan, for review and `lastgood apply`
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// How to write it to standard output
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub(in crate::cli) format: PlanFormat,
    /// Width of the text in columns [default: the terminal's, or 100]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=1000))]
    pub(in crate::cli) width: Option<u16>,
    /// Whether to use colour; NO_COLOR is respected
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: Color,
}

/// Shown below the help of `lastgood apply`.
pub(super) const APPLY_EXIT_CODES: &str = "\
Exit codes:
  0  everything that was approved is done
  1  the tool failed before anything was changed
  2  wrong usage, or a plan that may not be applied: edited, too old, of another account
  5  it stopped, or not everything that was approved is done: the summary says what and why";

/// `lastgood apply`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ApplyArgs {
    /// The plan, as `lastgood plan --out FILE` wrote it
    #[arg(value_name = "PLAN")]
    pub(in crate::cli) plan: PathBuf,
    /// Do this item, `all-safe` or `all`; repeatable. Without it nothing is done
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) approve: Vec<String>,
    /// Look at everything again as if it were done, and change nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Where it is written what was begun and what came of it [default: PLAN.journal.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) journal: Option<PathBuf>,
    /// The backup log that gets a record of each action
    #[arg(long, value_name = "FILE", env = "LASTGOOD_LOG", default_value = "backup.jsonl")]
    pub(in crate::cli) log: PathBuf,
    /// Who applies it, as the records say [default: the user of this machine]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) operator: Option<String>,
    /// The operator's team, for the records of restore tests
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) team: Option<String>,
    /// Where restore tests take place, for their records, such as test
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) environment: Option<String>,
    /// The folder in which volumes are rebuilt, with room for the data of one twice [default: the system's]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) scratch: Option<PathBuf>,
    /// The folder in which the checksums of blocks are kept, to be compared at the next test
    #[arg(long, value_name = "DIR", env = "LASTGOOD_BLOCK_LISTS", default_value = "block-lists")]
    pub(in crate::cli) block_lists: PathBuf,
    /// Compare the files of a rebuilt volume with what sha256sum wrote of them; repeatable
    #[arg(long, value_name = "ITEM=FILE")]
    pub(in crate::cli) file_manifest: Vec<String>,
    /// Let this program look at what AWS Backup restored. It gets the ARN of what was restored and of the original, and
    /// says yes by status 0, no by status 1, and in its last line why
    #[arg(long, value_name = "PROGRAM")]
    pub(in crate::cli) validator: Option<PathBuf>,
    /// The profile of the shared AWS configuration
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    /// Act in the account of this role; repeatable, one account each
    #[arg(long, value_name = "ROLE_ARN")]
    pub(in crate::cli) assume_role: Vec<String>,
    /// The external id that the roles' trust policies demand
    #[arg(long, value_name = "ID", requires = "assume_role")]
    pub(in crate::cli) external_id: Option<String>,
    /// Send every call to this address instead of AWS
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) endpoint_url: Option<String>,
}

/// Shown below the help of `lastgood sweep`.
pub(super) const SWEEP_EXIT_CODES: &str = "\
Exit codes:
  0  nothing is left that should be gone
  1  the tool failed before anything was looked at
  5  something is still there, or a place could not be looked at";

/// `lastgood sweep`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SweepArgs {
    #[command(flatten)]
    pub(in crate::cli) aws: AwsArgs,
    /// Look for restored object versions here too; repeatable
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pub(in crate::cli) restored_to: Vec<BucketPrefix>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// What can be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Verb {
    /// Copies that are missing now
    Snapshot,
    /// Settings that a call puts right
    Configure,
    /// Restore tests that are due
    RestoreTest,
    /// Points that are stored for too long
    Prune,
}

/// See [`Level`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LevelArg {
    /// Read every or sampled blocks of a snapshot and verify their checksums
    Read,
    /// Read previous versions of a bucket's objects and verify their checksums
    S3Version,
    /// Rebuild the image from all blocks and check its file systems
    Filesystem,
    /// Make a volume, attach it to the test instance and look at it there
    Volume,
    /// Let AWS Backup restore it as a new resource, and remove that again
    BackupJob,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Read => Self::Read,
            LevelArg::S3Version => Self::S3Version,
            LevelArg::Filesystem => Self::Filesystem,
            LevelArg::Volume => Self::Volume,
            LevelArg::BackupJob => Self::BackupJob,
        }
    }
}

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// For a terminal
    Text,
    /// The plan itself
    Json,
}
