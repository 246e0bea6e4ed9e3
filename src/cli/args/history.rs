//! The grammar of `lastgood history`, and how other verbs name a history and a period.

use clap::{Args, Subcommand, ValueEnum};

use super::{OutputArgs, PolicyArgs, instant};
use crate::model::Instant;
use crate::model::period::PeriodDays;

/// A history and a period of it.
#[derive(Debug, Args)]
pub(in super::super) struct PeriodArgs {
    /// The history: a file, or the URL of a PostgreSQL database (postgres://user@host/database). `scan` adds its run to it
    /// and takes from it what AWS has forgotten
    #[arg(long, value_name = "PATH|URL", env = "LASTGOOD_HISTORY", hide_env_values = true)]
    pub(in super::super) history: Option<String>,
    /// Judge a period of the history instead of an instant: 2026, 2026-H1, 2026-Q3, 2026-07 or 2026-07-01..2026-09-30
    #[arg(long, value_name = "PERIOD", requires = "history")]
    pub(in super::super) period: Option<PeriodDays>,
}

/// A history that is there.
#[derive(Debug, Args)]
pub(in super::super) struct HistoryAt {
    /// The history: a file, or the URL of a PostgreSQL database
    #[arg(
        long,
        value_name = "PATH|URL",
        env = "LASTGOOD_HISTORY",
        hide_env_values = true,
        default_value = "lastgood.db"
    )]
    pub(in super::super) history: String,
}

/// Which history, and how a list of it is written.
#[derive(Debug, Args)]
pub(in super::super) struct StoreArgs {
    #[command(flatten)]
    pub(in super::super) at: HistoryAt,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "table")]
    pub(in super::super) format: ListFormat,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum ListFormat {
    /// For a terminal
    Table,
    /// For programs
    Json,
}

/// How a trend cuts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum StepArg {
    /// By days
    Day,
    /// By weeks
    Week,
    /// By months
    Month,
}

/// `lastgood history …`.
#[derive(Debug, Subcommand)]
pub(in super::super) enum HistoryCommand {
    /// List the runs
    Runs(StoreArgs),
    /// Show the assessment of a run again, exactly as it was
    Show {
        /// The id of the run, or its first letters
        run: String,
        #[command(flatten)]
        at: HistoryAt,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// What changed between two runs: findings that are new, fixed or different, resources that came and went
    Diff {
        /// The earlier run
        from: String,
        /// The later run
        to: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Numbers of verdicts over time
    Trend {
        /// How to cut time
        #[arg(long, value_name = "STEP", default_value = "week")]
        by: StepArg,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Days without a run, and what runs could not read, by account and region
    Gaps {
        #[command(flatten)]
        store: StoreArgs,
        /// Up to this instant [default: now]
        #[arg(long, value_name = "TIME", value_parser = instant)]
        as_of: Option<Instant>,
    },
    /// Recovery points that went: when, how old, by whom, and whether the policy promised to keep them for longer
    PruneLog {
        #[command(flatten)]
        policies: PolicyArgs,
        #[command(flatten)]
        store: StoreArgs,
        /// Only what went in this period
        #[arg(long, value_name = "PERIOD")]
        period: Option<PeriodDays>,
        /// Only those that went too early
        #[arg(long)]
        early: bool,
    },
}
