//! The auditor's report: one page that needs no network, no script and no second file.
//!
//! Every number comes from the assessment and is counted once, in `view`. All text passes through
//! `escape::Esc`; the Content-Security-Policy allows the page's own style and script by their
//! digests and nothing else. Anchors are made of our own numbers and digests, never of names.

mod bars;
mod charts;
mod clauses;
mod closing;
mod days;
mod escape;
mod frameworks;
mod grid;
mod head;
mod heat;
mod method;
pub(super) mod period;
mod registers;
mod rules;
mod scope;
mod stored;

use std::io;

use crate::model::assessment::Assessment;
use crate::model::outcome::Outcome;

use super::RenderOptions;
use super::view::View;

/// How much of the verdicts a page lists; the other formats hold all.
#[derive(Clone, Copy)]
pub(super) struct Listed {
    /// All verdicts up to this number; beyond it each rule gets its share.
    pub(super) most: usize,
    /// Whether those that need no reader are listed too, and not only counted.
    pub(super) quiet: bool,
}

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    page(assessment, Listed { most: 10_000, quiet: true }, out)
}

/// The page with so much listed.
pub(super) fn page(assessment: &Assessment, listed: Listed, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(assessment);
    head::write(&view, out)?;
    head::conclusion(&view, out)?;
    scope::write(&view, out)?;
    scope::gaps(&view, out)?;
    method::write(out)?;
    clauses::write(&view, out)?;
    clauses::pages(&view, out)?;
    bars::write(&view, out)?;
    charts::write(&view, out)?;
    days::write(&view, out)?;
    rules::write(&view, listed, out)?;
    frameworks::write(&view, out)?;
    registers::write(&view, out)?;
    closing::write(&view, out)
}

/// Sign, word and class of an outcome, as every table and list of the page shows it.
fn badge(outcome: Outcome) -> String {
    mark(outcome, super::words::label(outcome))
}

/// The sign and class of an outcome with another word.
fn mark(outcome: Outcome, word: &str) -> String {
    let sign = sign(outcome);
    format!("<span class=\"badge {}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>", outcome.id())
}

const fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fail => "✕",
        Outcome::Unknown => "?",
        Outcome::Waived => "◇",
        Outcome::Pass => "✓",
        Outcome::NotApplicable => "–",
    }
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
