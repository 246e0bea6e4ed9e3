//! JSON Lines: a header with everything but the verdicts, then a line per verdict. The header's
//! summary says how many lines must follow, so a file that was cut off is seen to be.

use std::io;

use serde::Serialize;

use crate::model::assessment::{Assessment, ClauseStatus, InventoryRef, PolicyFinding, PolicyRef, Run, Summary};
use crate::model::framework::FrameworkStatus;
use crate::model::ledger::Ledger;

use super::RenderOptions;
use super::json::compact;

#[derive(Serialize)]
struct Header<'a> {
    schema: &'a str,
    run: &'a Run,
    policy: &'a PolicyRef,
    inventory: &'a InventoryRef,
    summary: &'a Summary,
    clauses: &'a [ClauseStatus],
    frameworks: &'a [FrameworkStatus],
    policy_findings: &'a [PolicyFinding],
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<&'a Ledger>,
}

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let Assessment { schema, run, policy, inventory, summary, clauses, frameworks, policy_findings, ledger, verdicts } =
        assessment;
    let ledger = ledger.as_deref();
    compact(&Header { schema, run, policy, inventory, summary, clauses, frameworks, policy_findings, ledger }, out)?;
    out.write_all(b"\n")?;
    for verdict in verdicts {
        compact(verdict, out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
