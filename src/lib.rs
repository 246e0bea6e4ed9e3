//! lastgood: a policy-as-code compliance auditor for backups on AWS.
//!
//! For everything we promised to be able to restore, where is the last good copy, and can we prove it?
//!
//! ```text
//! policies/*.toml ── policy ──────────────► Policy ─────┐
//!                                                       ▼
//! AWS ── aws ──┐                         evaluate(Policy, Inventory, Instant)
//! files ───────┴─ sources ► Inventory (+ gaps) ────────►│ scope → check → verdict → waiver → rot
//!                                                       ▼
//!                                                  Assessment ── report ──► table, JSON, CSV, HTML, …
//! ```
//!
//! * [`model`]: the nouns; no I/O, no clock.
//! * [`cel`]: the language of users' own conditions.
//! * [`checks`]: the built-in evaluators, one file each.
//! * [`policy`]: TOML to a valid policy, with diagnostics.
//! * [`evaluate`](mod@evaluate): the pure heart.
//! * [`report`]: an assessment as bytes, one file per format.
//! * [`remediate`]: what would put findings right, and carrying it out.
//! * [`evidence`]: bundles that anybody can check, and that judge once more to the same bytes.
//! * [`history`]: what earlier scans saw, kept; periods are judged by it.
//! * [`notify`]: what is worth telling after a scan.
//! * [`image`]: a volume rebuilt from its blocks, checked by the real tools of its file systems.
//! * [`sources`]: reading and writing files.
//! * [`demo`]: the bundled estate.
//! * [`cli`]: arguments, clock, terminal, exit codes.

#[cfg(feature = "aws")]
pub mod aws;
pub mod cel;
pub mod checks;
pub mod cli;
pub mod demo;
pub mod evaluate;
pub mod evidence;
pub mod history;
pub mod image;
pub mod model;
pub mod notify;
pub mod policy;
pub mod remediate;
pub mod report;
pub mod sources;
