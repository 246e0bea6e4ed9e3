//! The grammar of evidence bundles.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// A bundle that a scan writes.
#[derive(Debug, Args)]
pub(in crate::cli) struct BundleArgs {
    /// Also write everything that the judgement rests on, with checksums, as one file for an auditor
    #[arg(long, value_name = "FILE.zip")]
    pub(in crate::cli) bundle: Option<PathBuf>,
    /// The bundle before: the new one names it, so that none can be taken out of the chain
    #[arg(long, value_name = "FILE.zip", requires = "bundle")]
    pub(in crate::cli) previous: Option<PathBuf>,
    /// Sign the bundle with this Ed25519 key (PEM, PKCS#8) [default: the text of LASTGOOD_SIGNING_KEY, if it is set]
    #[arg(long, value_name = "FILE", requires = "bundle")]
    pub(in crate::cli) sign_key: Option<PathBuf>,
}

/// Shown below the help of `lastgood verify`.
pub(super) const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0  nothing is wrong
  1  the tool failed
  2  wrong usage, or no bundle
  3  something is wrong: it says which file, and what
  4  nothing is wrong, but something was not looked at: the bundle before, or the signature";

/// `lastgood verify`.
#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    /// The bundle
    #[arg(value_name = "FILE.zip")]
    pub(in crate::cli) bundle: PathBuf,
    /// The bundle before, which it must name
    #[arg(long, value_name = "FILE.zip")]
    pub(in crate::cli) previous: Option<PathBuf>,
    /// The public key (PEM) of its signature
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key: Option<PathBuf>,
}

/// `lastgood evidence`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EvidenceCommand {
    /// Draw a sample of the population, by a seed that the auditor chooses
    Sample(SampleArgs),
}

/// `lastgood evidence sample`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SampleArgs {
    /// A bundle, or a saved assessment
    #[arg(value_name = "FILE")]
    pub(in crate::cli) of: PathBuf,
    /// Any text: the same draws the same
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) seed: String,
    /// How many are drawn
    #[arg(short, long = "n", value_name = "NUMBER", default_value = "25")]
    pub(in crate::cli) number: usize,
    /// Draw only from verdicts of this rule
    #[arg(long, value_name = "RULE")]
    pub(in crate::cli) rule: Option<String>,
}
