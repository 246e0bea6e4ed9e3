//! Outside frameworks: what the verdicts show of each mapped control.

use std::io;

use crate::model::framework::{ControlState, ControlStatus, FrameworkStatus};
use crate::model::outcome::Outcome;

use super::super::view::View;
use super::super::words::FRAMEWORKS;
use super::clauses::link;
use super::escape::Esc;
use super::scope::{id, text};
use super::{end_table, mark, table};

/// The section; nothing for an assessment without mappings.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let frameworks = &view.assessment.frameworks;
    if frameworks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"frameworks\">\n<h2 id=\"frameworks\">Outside frameworks</h2>\n<p>{FRAMEWORKS}. \
         Strength: <em>full</em> is all that the control asks, of what was read; <em>partial</em> a part of it; \
         <em>supporting</em> evidence for something near.</p>"
    )?;
    let heads =
        [("", "framework"), ("n", "controls"), ("n", "failed"), ("n", "unknown"), ("n", "passed"), ("n", "n/a")];
    table(out, "t-frameworks", "Mapped controls by state", &heads)?;
    for (at, framework) in frameworks.iter().enumerate() {
        write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#framework-{at}\">{}</a></th><td class=\"n\">{}</td>",
            text(&framework.title),
            framework.controls.len()
        )?;
        for state in ControlState::ALL {
            write!(out, "<td class=\"n\">{}</td>", framework.count(state))?;
        }
        writeln!(out, "</tr>")?;
    }
    end_table(out)?;
    for (at, framework) in frameworks.iter().enumerate() {
        self::framework(at, framework, view, out)?;
    }
    writeln!(out, "</section>")
}

fn framework(at: usize, framework: &FrameworkStatus, view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<h3 id=\"framework-{at}\">{}</h3>\n<p>{}. Mapping {}, SHA-256 {}.</p>",
        text(&framework.title),
        text(&framework.note),
        id(&framework.id),
        id(&framework.mapping_sha256)
    )?;
    let heads = [
        ("", "control"),
        ("", "state"),
        ("", "strength"),
        ("n", "fail"),
        ("n", "unknown"),
        ("n", "waived"),
        ("n", "pass"),
        ("n", "n/a"),
        ("", "clauses and rules"),
        ("", "what is shown, and what is not"),
    ];
    let caption = format!("Controls of {}, and the verdicts of the rules mapped to them", text(&framework.title));
    table(out, &format!("t-framework-{at}"), &caption, &heads)?;
    for control in &framework.controls {
        self::control(control, view, out)?;
    }
    end_table(out)
}

fn control(control: &ControlStatus, view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let like = match control.state {
        ControlState::Failed => Outcome::Fail,
        ControlState::Unknown => Outcome::Unknown,
        ControlState::Passed => Outcome::Pass,
        ControlState::NotAssessed => Outcome::NotApplicable,
    };
    write!(
        out,
        "<tr class=\"control\"><th scope=\"row\">{}<br>{}</th><td>{}</td><td>{}</td>",
        text(&control.id),
        text(&control.title),
        mark(like, control.state.id()),
        control.strength
    )?;
    for outcome in Outcome::ALL {
        write!(out, "<td class=\"n\">{}</td>", control.verdicts.of(outcome))?;
    }
    let clauses: Vec<String> = control.clauses.iter().map(|clause| Esc(clause).to_string()).collect();
    let clauses = if clauses.is_empty() { String::new() } else { format!("{}: ", clauses.join(", ")) };
    let rules: Vec<String> = control.rules.iter().map(|rule| link(view, rule)).collect();
    let short: String = control
        .shortfalls
        .iter()
        .chain(&control.missing)
        .map(|short| format!("<br><strong>Short</strong>: {}.", text(short)))
        .collect();
    writeln!(out, "<td>{clauses}{}</td><td>{}.{short}</td></tr>", rules.join(", "), text(&control.rationale))
}
