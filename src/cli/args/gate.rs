//! The grammar of `lastgood gate`.

use std::path::PathBuf;

use clap::Args;

use super::{OutputArgs, PolicyArgs, instant, severity};
use crate::model::Instant;
use crate::model::outcome::Severity;

/// Shown below the help of `lastgood gate`.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  the change keeps the policy
  1  the input cannot be read or is nothing that can be judged; no audit was performed
  2  wrong usage or an invalid policy
  3  the change breaks the policy, at or above --fail-on
  4  nothing is broken as far as can be told, and something cannot: a value known only after apply, an incomplete
     plan, an account that was not given; or nothing was judged at all (see --allow-empty)";

/// `lastgood gate`.
#[derive(Debug, Args)]
pub(in super::super) struct GateArgs {
    /// A plan or a state as `terraform show -json` writes it, or a template of CloudFormation, the CDK or SAM; `-` is
    /// standard input. Of several each has reports of its own: `{input}` in the path of a format stands for its name
    #[arg(value_name = "PLAN.json|TEMPLATE", required = true)]
    pub(in super::super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(in super::super) policies: PolicyArgs,
    /// The inventory of the account (`lastgood collect`): its plans, selections and settings join what is declared
    #[arg(long, value_name = "FILE")]
    pub(in super::super) inventory: Option<PathBuf>,
    /// The value of a parameter of a template, or of `AWS::Region` and the like; repeatable
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = crate::sources::cloudformation::parameters::parse)]
    pub(in super::super) parameters: Vec<(String, String)>,
    /// A file with values of parameters, as the tools of AWS take it; repeatable
    #[arg(long, value_name = "FILE")]
    pub(in super::super) parameter_file: Vec<PathBuf>,
    /// The application register; repeatable
    #[arg(long, value_name = "FILE")]
    pub(in super::super) applications: Vec<PathBuf>,
    /// The folder with the code of the root module: findings name file and line
    #[arg(long, value_name = "DIR")]
    pub(in super::super) source: Option<PathBuf>,
    /// Judge what the change touches, and what it leaves uncovered [this is the default]
    #[arg(long, conflicts_with = "all")]
    pub(in super::super) only_changes: bool,
    /// Judge everything that is declared
    #[arg(long)]
    pub(in super::super) all: bool,
    /// Findings that were there when the gate was put up: they are known and do not count; a finding with another reason
    /// is a new one
    #[arg(long, value_name = "FILE")]
    pub(in super::super) baseline: Option<PathBuf>,
    /// Write what is found now as the baseline (all of it, as with --all), and exit with 0 if that is done
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(in super::super) write_baseline: Option<PathBuf>,
    /// Pay no heed to exceptions that stand in the code (`# lastgood:ignore …`)
    #[arg(long)]
    pub(in super::super) no_inline: bool,
    /// Nothing to judge is fine: exit with 0 for a change that concerns nothing the policy speaks of
    #[arg(long)]
    pub(in super::super) allow_empty: bool,
    /// Judge as of this instant (2026-11-22 or 2026-11-22T06:00:00Z) instead of now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in super::super) as_of: Option<Instant>,
    #[command(flatten)]
    pub(in super::super) output: OutputArgs,
    /// Exit with 3 only for failures of at least this severity; lesser ones are shown and do not count
    #[arg(long, value_name = "SEVERITY", value_parser = severity, default_value = "info")]
    pub(in super::super) fail_on: Severity,
}
