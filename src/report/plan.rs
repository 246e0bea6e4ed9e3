//! A remediation plan: as text for a terminal, and as the JSON that is reviewed and applied.

use std::io::{self, Write};

use super::RenderOptions;
use crate::model::plan::Plan;

/// As text for a terminal. `file` is where it was saved, if it was.
///
/// # Errors
/// What `out` says.
pub fn text(plan: &Plan, file: Option<&str>, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    super::table::plan::write(plan, file, options, out)
}

/// As JSON.
///
/// # Errors
/// What `out` says.
pub fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, plan)?;
    writeln!(out)
}
