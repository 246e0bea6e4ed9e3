//! The beginning of the page: who is judged by what, and with which result.

use std::io;

use crate::model::assessment::Assessment;
use crate::model::outcome::Outcome;

use super::super::conclusion::Standing;
use super::super::view::View;
use super::super::words::{incomplete, meaning, moment, policy_name};
use super::escape::{Esc, csp_hash, ticked};
use super::{badge, end_table, table};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What stands above the report.
pub(super) struct Title<'a> {
    /// The title of the document; text.
    pub(super) tab: String,
    pub(super) eyebrow: &'static str,
    /// The heading; text.
    pub(super) heading: &'a str,
    /// What stands under it; HTML.
    pub(super) under: String,
    /// The version of lastgood.
    pub(super) version: &'a str,
}

/// Up to the beginning of the main part. `parts` are (anchor, title).
pub(super) fn open(title: &Title<'_>, parts: &[(&str, &str)], out: &mut dyn io::Write) -> io::Result<()> {
    let (style, script) = (csp_hash(STYLE), csp_hash(SCRIPT));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style}; \
         script-src {script}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"lastgood {}\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n\
         <p class=\"soft\">{}</p>\n<h1><bdi>{}</bdi></h1>\n<p>{}</p>\n</header>",
        Esc(title.version),
        Esc(&title.tab),
        title.eyebrow,
        Esc(title.heading),
        title.under
    )?;
    writeln!(out, "<nav aria-label=\"Contents\"><ol>")?;
    for (id, text) in parts {
        writeln!(out, "<li><a href=\"#{id}\">{text}</a></li>")?;
    }
    writeln!(out, "</ol></nav>\n<main id=\"main\" tabindex=\"-1\">")
}

/// The end of the page. `foot` is HTML.
pub(super) fn close(foot: &str, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "</main>\n<footer><p>{foot}</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// The beginning of the report of an assessment.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let Assessment { run, policy, .. } = view.assessment;
    let (standing, name, as_of) = (view.conclusion.standing.headline(), policy_name(policy), moment(run.as_of));
    let title = Title {
        tab: format!("{standing}: {name} as of {as_of}"),
        eyebrow: "lastgood compliance report",
        heading: &policy.title,
        under: format!("Policy <code><bdi>{}</bdi></code>, as of <strong>{as_of}</strong>", Esc(&name)),
        version: &run.version,
    };
    let mut parts = vec![("conclusion", "Conclusion"), ("scope", "Scope and completeness")];
    if !view.gaps.is_empty() {
        parts.push(("gaps", "What could not be read"));
    }
    parts.extend([
        ("method", "Method"),
        ("clauses", "Clauses"),
        ("by-clause", "Clause by clause"),
        ("outcomes", "Outcomes by rule"),
    ]);
    if !view.rules.is_empty() {
        parts.push(("charts", "Coverage, gaps, reach and ages"));
    }
    if super::days::any(view) {
        parts.push(("days", "Day by day"));
    }
    parts.extend([("rules", "Rules and verdicts")]);
    if !view.assessment.frameworks.is_empty() {
        parts.push(("frameworks", "Outside frameworks"));
    }
    if view.assessment.ledger.is_some() {
        parts.extend([
            ("tests", "Tests and recoveries"),
            ("statements", "Statements"),
            ("duties", "Segregation of duties"),
            ("activities", "Activity logs"),
            ("remediation", "Remediation"),
        ]);
    }
    parts.extend([
        ("exceptions", "Approved exceptions"),
        ("policy", "The policy itself"),
        ("verify", "How to verify"),
        ("glossary", "Glossary"),
    ]);
    open(&title, &parts, out)
}

/// The result with its basis.
pub(super) fn conclusion(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (conclusion, summary) = (&view.conclusion, &view.summary);
    let class = match conclusion.standing {
        Standing::Compliant => "pass",
        Standing::NotProven => "unknown",
        Standing::NotCompliant => "fail",
    };
    writeln!(
        out,
        "<section aria-labelledby=\"conclusion\">\n<h2 id=\"conclusion\">Conclusion</h2>\n\
         <p class=\"headline {class}\"><strong>{}</strong> <span>{}.</span></p>",
        conclusion.standing.headline(),
        Esc(&conclusion.basis())
    )?;
    if let Some(sentence) = incomplete(view.assessment) {
        writeln!(
            out,
            "<p class=\"headline unknown\"><strong>NOT COMPLETE</strong> <span>{}. See \
             <a href=\"#scope\">scope and completeness</a>.</span></p>",
            Esc(&sentence)
        )?;
    }
    table(out, "t-summary", "Verdicts by outcome", &[("", "outcome"), ("n", "verdicts"), ("", "meaning")])?;
    for outcome in Outcome::ALL {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\" data-total=\"{}\">{}</td><td>{}</td></tr>",
            badge(outcome),
            outcome.id(),
            summary.of(outcome),
            meaning(outcome)
        )?;
    }
    writeln!(out, "<tr><th scope=\"row\">total</th><td class=\"n\">{}</td><td></td></tr>", summary.total())?;
    end_table(out)?;
    writeln!(out, "<h3>What to do next</h3>\n<ul>")?;
    for step in conclusion.next_steps() {
        writeln!(out, "<li>{}</li>", ticked(step))?;
    }
    writeln!(
        out,
        "</ul>\n<p class=\"soft\">This report was produced by software from the sources listed below. It is \
         information produced by the entity; it is not an audit opinion. A deviation is a demand that was not met; \
         an approved exception excuses a deviation until it expires and does not change the raw result. Absence of \
         evidence is never counted as compliance.</p>\n</section>"
    )
}
