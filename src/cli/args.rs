//! The command line's grammar.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod attest;
mod evidence;
mod gate;
mod history;
mod log;
mod notify;
mod plan;

pub(super) use attest::AttestArgs;
pub(super) use evidence::{BundleArgs, EvidenceCommand, SampleArgs, VerifyArgs};
pub(super) use gate::GateArgs;
pub(super) use history::{HistoryCommand, ListFormat, PeriodArgs, StepArg, StoreArgs};
pub(super) use log::{
    ActivityArgs, ArtefactsArgs, ExpectArg, ImportArgs, LogCommand, RecordEventArgs, RunArgs, ValidationArg,
};

pub(super) use notify::NotifyArgs;
pub(super) use plan::{ApplyArgs, PlanArgs, PlanFormat, SweepArgs};

use crate::model::Instant;
use crate::model::outcome::Severity;

/// Audits the backups of AWS accounts against a written policy: where is the last good copy of everything
/// we promised to be able to restore, and can we prove it?
#[derive(Debug, Parser)]
#[command(name = "lastgood", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Shown below every help text.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  compliant, or done
  1  the tool failed; no audit was performed
  2  wrong usage or an invalid policy
  3  findings at or above --fail-on
  4  no such finding, but the evidence is incomplete
  5  apply stopped, or not everything that was approved is done";

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read AWS (or a saved inventory), judge it, and report
    #[command(after_help = EXIT_CODES)]
    Scan(Box<ScanArgs>),
    /// Judge a Terraform plan before it is applied: would the change break the policy?
    #[command(after_help = gate::EXIT_CODES)]
    Gate(Box<GateArgs>),
    /// Only read AWS and save the inventory
    Collect(CollectArgs),
    /// Render a saved assessment, a run of a history or a period of it, in any format
    #[command(after_help = EXIT_CODES)]
    Report(Box<ReportArgs>),
    /// Compute what would put the findings right, what keeps everything else, and what it takes
    #[command(after_help = plan::EXIT_CODES)]
    Plan(Box<PlanArgs>),
    /// Carry out what is approved of a plan: look at each thing again, do it, and see that it is done
    #[command(after_help = plan::APPLY_EXIT_CODES)]
    Apply(ApplyArgs),
    /// Remove what restore tests of killed runs left behind, in every region, and see that it is gone
    #[command(after_help = plan::SWEEP_EXIT_CODES)]
    Sweep(SweepArgs),
    /// Print the ordered recovery runbook: what to restore first, from which copy, and who is told
    Recovery(RecoveryArgs),
    /// Write, wrap, read in and verify the backup log
    #[command(subcommand)]
    Log(Box<LogCommand>),
    /// Record a statement of a person: a review, a procedure, anything that no API can show
    Attest(AttestArgs),
    /// Check an evidence bundle, offline: every byte, the chain, the signature, and the same judgement once more
    #[command(after_help = evidence::VERIFY_EXIT_CODES)]
    Verify(VerifyArgs),
    /// Work on the evidence of an audit
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Ask what earlier scans saw
    #[command(subcommand)]
    History(Box<HistoryCommand>),
    /// Work on policies
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `lastgood scan`.
#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    pub(super) policies: PolicyArgs,
    #[command(flatten)]
    pub(super) aws: AwsArgs,
    /// Judge the bundled demo estate; needs no AWS account
    #[arg(long, conflicts_with_all = ["inventory", "region", "profile", "assume_role", "endpoint_url"])]
    pub(super) demo: bool,
    /// Judge a saved inventory instead of reading AWS
    #[arg(long, value_name = "FILE", conflicts_with_all = ["region", "profile", "assume_role", "endpoint_url"])]
    pub(super) inventory: Option<PathBuf>,
    #[command(flatten)]
    pub(super) records: RecordArgs,
    /// Also save what was read, for judging it again (gzip if the name ends in .gz)
    #[arg(long, value_name = "FILE")]
    pub(super) save_inventory: Option<PathBuf>,
    /// Judge as of this instant (2026-11-22 or 2026-11-22T06:00:00Z) instead of when the inventory was read
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(super) as_of: Option<Instant>,
    #[command(flatten)]
    pub(super) period: PeriodArgs,
    #[command(flatten)]
    pub(super) evidence: BundleArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Exit with 3 only for failures of at least this severity; lesser ones are shown and do not count
    #[arg(long, value_name = "SEVERITY", value_parser = severity, default_value = "info")]
    pub(super) fail_on: Severity,
    #[command(flatten)]
    pub(super) notify: NotifyArgs,
}

/// `lastgood collect`.
#[derive(Debug, Args)]
pub(super) struct CollectArgs {
    #[command(flatten)]
    pub(super) aws: AwsArgs,
    /// Save the bundled demo estate instead of reading AWS
    #[arg(long, conflicts_with_all = ["region", "profile", "assume_role", "endpoint_url"])]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) records: RecordArgs,
    /// The tag that names the application of a resource which the register does not name
    #[arg(long, value_name = "KEY", default_value = "application")]
    pub(super) application_tag: String,
    /// Where to save the inventory (gzip if the name ends in .gz)
    #[arg(long, value_name = "FILE", default_value = "inventory.json.gz")]
    pub(super) out: PathBuf,
}

/// What people and programs wrote down, besides what AWS says.
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// The application register; repeatable [default: ./applications.toml if it is there]
    #[arg(long, value_name = "FILE")]
    pub(super) applications: Vec<PathBuf>,
    /// A backup log, or a folder of them; repeatable
    #[arg(long, value_name = "PATH")]
    pub(super) logs: Vec<PathBuf>,
    /// Heads of the logs that were kept elsewhere (`lastgood log anchor`): a log that is shorter or different shows
    #[arg(long, value_name = "FILE", requires = "logs")]
    pub(super) anchors: Option<PathBuf>,
    /// The attestation register; repeatable [default: ./attestations.jsonl if it is there]
    #[arg(long, value_name = "FILE")]
    pub(super) attestations: Vec<PathBuf>,
}

/// `lastgood recovery`.
#[derive(Debug, Args)]
pub(super) struct RecoveryArgs {
    #[command(flatten)]
    pub(super) policies: PolicyArgs,
    /// The saved inventory in which the copies are looked up
    #[arg(long, value_name = "FILE", required_unless_present = "demo")]
    pub(super) inventory: Option<PathBuf>,
    /// Use the bundled demo estate
    #[arg(long, conflicts_with = "inventory")]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) records: RecordArgs,
    /// Only these applications, with what they depend on; repeatable
    #[arg(long, value_name = "ID")]
    pub(super) application: Vec<String>,
    /// As of this instant instead of when the inventory was read
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(super) as_of: Option<Instant>,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub(super) format: DocumentFormat,
}

/// How a runbook or a matrix is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DocumentFormat {
    /// For a terminal
    Text,
    /// For a wiki or paper
    Markdown,
    /// For programs
    Json,
}

/// `lastgood report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The assessment, as `scan --format json=FILE` wrote it
    #[arg(value_name = "ASSESSMENT", required_unless_present_any = ["run", "period"], conflicts_with_all = ["run", "period"])]
    pub(super) assessment: Option<PathBuf>,
    /// A run of the history, by its id or its first letters
    #[arg(long, value_name = "ID", requires = "history", conflicts_with = "period")]
    pub(super) run: Option<String>,
    #[command(flatten)]
    pub(super) period: PeriodArgs,
    /// For a period: the policy by whose clauses and exceptions it is judged
    #[command(flatten)]
    pub(super) policies: PolicyArgs,
    /// For a period: days that end after this instant are not over yet [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant, requires = "period")]
    pub(super) as_of: Option<Instant>,
    /// For a period: exit with 3 only for deviations of at least this severity
    #[arg(long, value_name = "SEVERITY", value_parser = severity, default_value = "info")]
    pub(super) fail_on: Severity,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Where policies come from.
#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// A policy file or a folder of them; repeatable [default: ./policies if it is there, otherwise the shipped policy]
    #[arg(long = "policies", value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// A file of waivers besides those among the policies
    #[arg(long, value_name = "FILE")]
    pub(super) waivers: Option<PathBuf>,
    /// A mapping to an outside framework, or a folder of them; repeatable [default: the shipped mappings]
    #[arg(long, value_name = "PATH")]
    pub(super) mappings: Vec<PathBuf>,
}

/// What to read of AWS.
#[derive(Debug, Args)]
pub(super) struct AwsArgs {
    /// A region to read; repeatable [default: every region that is enabled for the account]
    #[arg(long, value_name = "REGION")]
    pub(super) region: Vec<String>,
    /// The profile of the shared AWS configuration
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Read the account of this role; repeatable, one account each
    #[arg(long, value_name = "ROLE_ARN")]
    pub(super) assume_role: Vec<String>,
    /// The external id that the roles' trust policies demand
    #[arg(long, value_name = "ID", requires = "assume_role")]
    pub(super) external_id: Option<String>,
    /// Send every call to this address instead of AWS
    #[arg(long, value_name = "URL")]
    pub(super) endpoint_url: Option<String>,
    /// Also ask with whom each snapshot is shared: one more call per snapshot
    #[arg(long)]
    pub(super) share_details: bool,
}

/// What to write.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// A report format, written to PATH or else to standard output; repeatable [default: table]
    #[arg(long = "format", value_name = "NAME[=PATH]")]
    pub(super) formats: Vec<String>,
    /// Write reports into this folder: the formats named, or all of them
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Width of the table in columns [default: the terminal's, or 100]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=1000))]
    pub(super) width: Option<u16>,
    /// Whether to use colour; NO_COLOR is respected
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// When standard output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Shown below the help of `lastgood policy test`.
const TEST_EXIT_CODES: &str = "\
Exit codes:
  0  every test passed
  1  a test failed
  2  wrong usage, or an invalid policy or test";

/// `lastgood policy test`.
#[derive(Debug, Args)]
pub(super) struct PolicyTestArgs {
    /// A file of tests, or a folder of them; without --policies, tests of the policies that they lie beside [default: those beside the policies]
    #[arg(value_name = "FILES")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) policies: PolicyArgs,
    /// Only tests with this text in their name
    #[arg(long, value_name = "TEXT")]
    pub(super) filter: Option<String>,
}

/// `lastgood policy …`.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Load the policies and say everything that is wrong with them
    Check(PolicyArgs),
    /// Run the tests that lie beside the policies (`*.test.toml`): given facts, expected outcomes
    #[command(after_help = TEST_EXIT_CODES)]
    Test(PolicyTestArgs),
    /// List the rules, or with --checks the checks that rules can name
    List {
        #[command(flatten)]
        policies: PolicyArgs,
        /// List the checks instead
        #[arg(long)]
        checks: bool,
    },
    /// Print every clause of the written policy with the rules that serve it, and how it is evidenced
    Clauses {
        #[command(flatten)]
        policies: PolicyArgs,
        /// How to write it
        #[arg(long, value_name = "NAME", default_value = "text")]
        format: DocumentFormat,
    },
    /// Print what the rules show of the controls of outside frameworks, and what they do not
    Frameworks {
        #[command(flatten)]
        policies: PolicyArgs,
        /// Only this framework; repeatable
        #[arg(long, value_name = "ID")]
        framework: Vec<String>,
        /// How to write it
        #[arg(long, value_name = "NAME", default_value = "text")]
        format: DocumentFormat,
        /// Width of the text in columns [default: the terminal's, or 100]
        #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..=1000))]
        width: Option<u16>,
    },
    /// Explain a rule: what it demands, how it is judged, what is unknown, how to put it right
    Explain {
        /// The id of the rule, or of a check
        rule: String,
        #[command(flatten)]
        policies: PolicyArgs,
    },
    /// Print the JSON Schema with which editors complete and check policies
    Schema {
        /// That of files of tests instead
        #[arg(long)]
        tests: bool,
    },
    /// Write a policy to start from
    Init {
        /// The file to write; it must not exist
        #[arg(default_value = "policies/policy.toml")]
        path: PathBuf,
    },
}

fn instant(text: &str) -> Result<Instant, String> {
    let midnight = |date: chrono::NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .or_else(|_| text.parse().map(midnight))
        .map_err(|_| "write a date, `2026-11-22`, or an instant with its zone, `2026-11-22T06:00:00Z`".to_owned())
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL.into_iter().find(|severity| severity.id() == text).ok_or_else(|| {
        let names: Vec<&str> = Severity::ALL.iter().map(|severity| severity.id()).collect();
        format!("the severities are {}", names.join(", "))
    })
}
