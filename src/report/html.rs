//! The auditor's report: one page that needs no network, no script and no second file.
//!
//! Every number comes from the assessment and is counted once, in `view`. All text passes through
//! `escape::Esc`; the Content-Security-Policy allows the page's own style and script by their
//! digests and nothing else. Anchors are made of our own numbers and digests, never of names.

mod bars;
mod closing;
mod days;
mod escape;
mod frameworks;
mod grid;
mod head;
mod rules;
mod scope;

use std::io;

use crate::model::assessment::Assessment;
use crate::model::outcome::Outcome;

use super::RenderOptions;
use super::view::View;

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(assessment);
    head::write(&view, out)?;
    head::conclusion(&view, out)?;
    scope::write(&view, out)?;
    scope::gaps(&view, out)?;
    rules::clauses(&view, out)?;
    bars::write(&view, out)?;
    days::write(&view, out)?;
    rules::write(&view, out)?;
    frameworks::write(&view, out)?;
    closing::write(&view, out)
}

/// Sign, word and class of an outcome, as every table and list of the page shows it.
fn badge(outcome: Outcome) -> String {
    mark(outcome, super::words::label(outcome))
}

/// The sign and class of an outcome with another word.
fn mark(outcome: Outcome, word: &str) -> String {
    let sign = match outcome {
        Outcome::Fail => "✕",
        Outcome::Unknown => "?",
        Outcome::Waived => "◇",
        Outcome::Pass => "✓",
        Outcome::NotApplicable => "–",
    };
    format!("<span class=\"badge {}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>", outcome.id(),)
}

/// Start a table that scrolls by itself where the page is narrow. `heads` are (class, text).
fn table(out: &mut dyn io::Write, id: &str, caption: &str, heads: &[(&str, &str)]) -> io::Result<()> {
    let class = if heads.len() < 3 { " class=\"small\"" } else { "" };
    write!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{id}\" tabindex=\"0\"><table{class}>\
         <caption id=\"{id}\">{caption}</caption><thead><tr>"
    )?;
    for (class, text) in heads {
        match *class {
            "" => write!(out, "<th scope=\"col\">{text}</th>")?,
            class => write!(out, "<th scope=\"col\" class=\"{class}\">{text}</th>")?,
        }
    }
    writeln!(out, "</tr></thead><tbody>")
}

fn end_table(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "</tbody></table></div>")
}
