//! The grammar of `lastgood attest`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::log::AttestationKindArg;

/// `lastgood attest`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AttestArgs {
    /// The clause of the written policy
    #[arg(value_name = "CLAUSE")]
    pub(in crate::cli) clause: String,
    /// What is stated
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) statement: String,
    /// Who states it
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) by: String,
    /// The day of which it speaks
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) on: NaiveDate,
    /// The last day on which it holds
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) valid_until: NaiveDate,
    /// What sort of statement
    #[arg(long, value_name = "KIND", default_value = "review")]
    pub(in crate::cli) kind: AttestationKindArg,
    /// Who did what was reviewed, or owns the procedure
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) performed_by: Option<String>,
    /// The application, if it is not about all
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) application: Option<String>,
    /// A file that shows it, for procedures their text; it is hashed; repeatable
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) evidence: Vec<PathBuf>,
    /// The id of an earlier statement that this one takes back
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) withdraws: Option<String>,
    /// The register
    #[arg(long, value_name = "FILE", default_value = "attestations.jsonl")]
    pub(in crate::cli) attestations: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) policies: super::PolicyArgs,
}
