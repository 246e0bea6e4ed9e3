//! Outside frameworks on a terminal: a row each in the report, and the whole mapping for who asks for it.

use std::io;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

use super::super::words::FRAMEWORKS;
use super::super::{RenderOptions, safe::visible};
use super::page::{Page, Tone};
use crate::model::assessment::Assessment;
use crate::model::framework::ControlState;
use crate::policy::frameworks::{Control, Framework};

/// How many controls of each framework are in which state.
pub(super) fn summary(assessment: &Assessment, page: &mut Page<'_>) -> io::Result<()> {
    if assessment.frameworks.is_empty() {
        return Ok(());
    }
    page.heading("Outside frameworks")?;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(page.width).unwrap_or(u16::MAX))
        .set_header(["framework", "controls", "failed", "unk.", "passed", "n/a"]);
    for framework in &assessment.frameworks {
        let mut row = vec![visible(&framework.title).into_owned(), framework.controls.len().to_string()];
        row.extend(ControlState::ALL.map(|state| framework.count(state).to_string()));
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if at > 0 {
            column.set_constraint(ColumnConstraint::ContentWidth).set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.lines() {
        page.row(line.trim_end())?;
    }
    page.blank()?;
    page.text(0, FRAMEWORKS)
}

/// The whole of some mappings.
pub(in crate::report) fn mapping(
    frameworks: &[Framework],
    options: &RenderOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut page = Page::new(out, options);
    page.text(0, super::super::frameworks::ABOUT)?;
    for framework in frameworks {
        page.heading(&format!("{} ({})", visible(&framework.title), framework.id))?;
        page.text(0, &framework.note)?;
        for control in &framework.controls {
            self::control(control, &mut page)?;
        }
    }
    Ok(())
}

fn control(control: &Control, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    page.item(0, Tone::Strong, &format!("{}:", control.id), &format!("{} [{}]", control.title, control.strength))?;
    if !control.clauses.is_empty() {
        page.item(2, Tone::Plain, "clauses  ", &super::super::frameworks::clauses(control))?;
    }
    page.item(2, Tone::Plain, "rules    ", &super::super::frameworks::rules(control))?;
    for short in control.shortfalls.iter().chain(&control.missing) {
        page.item(2, Tone::Unsure, "short    ", short)?;
    }
    page.item(2, Tone::Plain, "evidence ", &control.rationale)
}
