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
pub(super) const SCRIPT: &str = include_str!("page.js");

/// Up to the beginning of the main part.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let Assessment { run, policy, .. } = view.assessment;
    let (standing, name, title) = (view.conclusion.standing.headline(), policy_name(policy), Esc(&policy.title));
    let (style, script, as_of) = (csp_hash(STYLE), csp_hash(SCRIPT), moment(run.as_of));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style}; \
         script-src {script}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"lastgood {}\">\n\
         <title>{standing}: {} as of {as_of}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n\
         <p class=\"soft\">lastgood compliance report</p>\n<h1><bdi>{title}</bdi></h1>\n\
         <p>Policy <code><bdi>{}</bdi></code>, as of <strong>{as_of}</strong></p>\n</header>",
        Esc(&run.version),
        Esc(&name),
        Esc(&name),
    )?;
    writeln!(out, "<nav aria-label=\"Contents\"><ol>")?;
    let mut parts = vec![("conclusion", "Conclusion"), ("scope", "Scope and completeness")];
    if !view.gaps.is_empty() {
        parts.push(("gaps", "What could not be read"));
    }
    parts.extend([("clauses", "Clauses"), ("outcomes", "Outcomes by rule")]);
    if super::days::any(view) {
        parts.push(("days", "Day by day"));
    }
    parts.extend([("rules", "Rules and verdicts")]);
    if !view.assessment.frameworks.is_empty() {
        parts.push(("frameworks", "Outside frameworks"));
    }
    parts.extend([
        ("exceptions", "Approved exceptions"),
        ("policy", "The policy itself"),
        ("verify", "How to verify"),
        ("glossary", "Glossary"),
    ]);
    for (id, text) in parts {
        writeln!(out, "<li><a href=\"#{id}\">{text}</a></li>")?;
    }
    writeln!(out, "</ol></nav>\n<main id=\"main\" tabindex=\"-1\">")
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
