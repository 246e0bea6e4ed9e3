//! Framework mappings as documents: what each control of a framework is shown by, and what is not shown.

use std::io;

use super::RenderOptions;
use super::markdown::escape::{code, prose};
use crate::policy::frameworks::{Control, Framework};

/// What a mapping is, in front of every one.
pub(super) const ABOUT: &str = "which clauses and rules of the policy show how much of which control: `full` is all \
     that the control asks, of what was read; `partial` a part of it; `supporting` evidence for something near; a \
     mapping is no statement that a framework is met";

/// For a terminal of this width.
///
/// # Errors
/// Those of `out`.
pub fn text(frameworks: &[Framework], options: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    super::table::mapping(frameworks, options, out)
}

/// For a wiki or paper.
///
/// # Errors
/// Those of `out`.
pub fn markdown(frameworks: &[Framework], out: &mut dyn io::Write) -> io::Result<()> {
    for framework in frameworks {
        writeln!(out, "\n## {} ({})\n", prose(&framework.title), code(&framework.id, false))?;
        writeln!(out, "{}.\n", prose(&framework.note))?;
        writeln!(out, "| control | what it asks | strength | clauses | rules | what is shown, and what is not |")?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
        for control in &framework.controls {
            let short: String = control
                .shortfalls
                .iter()
                .chain(&control.missing)
                .map(|short| format!(" **Short**: {}.", prose(short)))
                .collect();
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {}.{short} |",
                prose(&control.id),
                prose(&control.title),
                control.strength,
                prose(&clauses(control)),
                prose(&rules(control)),
                prose(&control.rationale),
            )?;
        }
    }
    Ok(())
}

/// For programs.
///
/// # Errors
/// Those of `out`.
pub fn json(frameworks: &[Framework], out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, frameworks)?;
    writeln!(out)
}

/// The named clauses; those that are not in force yet say so.
pub(super) fn clauses(control: &Control) -> String {
    let name = |clause| match control.planned.contains(clause) {
        true => format!("{clause} (planned)"),
        false => clause.to_string(),
    };
    control.clauses.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The judged rules.
pub(super) fn rules(control: &Control) -> String {
    if control.rules.is_empty() {
        return "none of this policy".to_owned();
    }
    control.rules.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ")
}
