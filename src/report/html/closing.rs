//! Exceptions, the policy itself, how to verify, and what the words mean.

use std::collections::BTreeMap;
use std::io;

use crate::model::assessment::{Assessment, Verdict};
use crate::model::outcome::Outcome;

use super::super::view::View;
use super::super::words::{meaning, moment, policy_name, short_name, stamp};
use super::escape::Esc;
use super::head;
use super::scope::{self, id, text};
use super::{badge, end_table, table};

/// The rest of the page.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    exceptions(view.assessment, out)?;
    policy(view.assessment, out)?;
    verify(view.assessment, out)?;
    glossary(out)?;
    let Assessment { run, policy, .. } = view.assessment;
    let foot = format!(
        "Run {}, policy {}, as of {}; made by lastgood {}. All times are UTC.",
        id(&run.id),
        id(&policy_name(policy)),
        moment(run.as_of),
        Esc(&run.version)
    );
    head::close(&foot, out)
}

fn exceptions(assessment: &Assessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"exceptions\">\n<h2 id=\"exceptions\">Approved exceptions</h2>")?;
    let mut used: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in &assessment.verdicts {
        if let Some(waiver) = &verdict.waiver {
            used.entry(&waiver.id).or_default().push(verdict);
        }
    }
    if used.is_empty() {
        writeln!(out, "<p>No approved exception covers a verdict of this report.</p>")?;
        unused(assessment, out)?;
        return writeln!(out, "</section>");
    }
    let heads = [
        ("", "exception"),
        ("", "reason"),
        ("", "asked for by"),
        ("", "approved by"),
        ("", "until"),
        ("n", "verdicts"),
        ("", "covers"),
    ];
    table(out, "t-exceptions", "Approved exceptions that cover verdicts of this report", &heads)?;
    for (name, verdicts) in used {
        let Some(waiver) = verdicts.first().and_then(|verdict| verdict.waiver.as_deref()) else { continue };
        let mut covers: Vec<String> = verdicts.iter().take(20).map(|verdict| covered(verdict)).collect();
        if verdicts.len() > covers.len() {
            covers.push(format!("and {} more", verdicts.len() - covers.len()));
        }
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th>{}<td class=\"n\">{}</td><td>{}</td></tr>",
            id(name),
            scope::waiver(waiver),
            verdicts.len(),
            covers.join(", ")
        )?;
    }
    end_table(out)?;
    unused(assessment, out)?;
    writeln!(out, "</section>")
}

/// The exceptions of the policy that excuse nothing: expired, not begun, or without a finding.
fn unused(assessment: &Assessment, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(ledger) = assessment.ledger.as_deref() else { return Ok(()) };
    let unused: Vec<_> = ledger.exceptions.iter().filter(|exception| exception.covers == 0).collect();
    if unused.is_empty() {
        return Ok(());
    }
    let heads = [
        ("", "exception"),
        ("", "state"),
        ("", "reason"),
        ("", "asked for by"),
        ("", "approved by"),
        ("", "until"),
        ("", "rules"),
    ];
    table(out, "t-unused", "Exceptions of the policy that cover nothing", &heads)?;
    for exception in unused {
        let waiver = &exception.waiver;
        let state = scope::state(exception, assessment.run.as_of, "in force, covers no finding");
        let rules: Vec<String> = exception.rules.iter().map(|rule| id(rule)).collect();
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{state}</td>{}<td>{}</td></tr>",
            id(&waiver.id),
            scope::waiver(waiver),
            rules.join(", ")
        )?;
    }
    end_table(out)
}

fn covered(verdict: &Verdict) -> String {
    format!("<a href=\"#v-{}\"><bdi>{}</bdi></a>", verdict.fingerprint(), Esc(short_name(&verdict.subject)))
}

fn policy(assessment: &Assessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"policy\">\n<h2 id=\"policy\">The policy itself</h2>")?;
    if assessment.policy_findings.is_empty() {
        return writeln!(out, "<p>Nothing was found about the policy itself.</p></section>");
    }
    let heads = [("", "outcome"), ("", "severity"), ("", "finding"), ("", "what it says"), ("", "where")];
    table(
        out,
        "t-policy",
        "Findings about the policy: expired or unused exceptions, scopes that match nothing",
        &heads,
    )?;
    for finding in &assessment.policy_findings {
        let word = match finding.outcome {
            Outcome::NotApplicable => "<span class=\"badge not-applicable\">note</span>".to_owned(),
            outcome => badge(outcome),
        };
        let at = format!("{}:{}", finding.policy_at.file, finding.policy_at.line);
        writeln!(
            out,
            "<tr class=\"policy-finding\"><td>{word}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            finding.severity,
            id(&finding.code),
            text(&finding.message),
            id(&at)
        )?;
    }
    end_table(out)?;
    writeln!(out, "</section>")
}

fn verify(assessment: &Assessment, out: &mut dyn io::Write) -> io::Result<()> {
    let Assessment { run, policy, inventory, .. } = assessment;
    let as_of = stamp(run.as_of);
    writeln!(
        out,
        "<section aria-labelledby=\"verify\">\n<h2 id=\"verify\">How to verify and re-perform</h2>\n\
         <p>The result is a function of three things: the inventory, the policy and the instant. With the same three \
         and lastgood {}, anybody gets the same bytes, without access to AWS.</p>\n<pre><code>\
         # 1. judge the saved inventory again, by the same policy, as of the same instant\n\
         lastgood scan --inventory inventory.json --policies policies/ --as-of {as_of} --format json=again.json\n\
         # 2. compare; no output means that every byte agrees\n\
         cmp assessment.json again.json\n\
         # 3. make this page from the assessment\n\
         lastgood report assessment.json --format html=again.html\n\
         # 4. with an evidence bundle: digests, chain and signature, offline\n\
         lastgood verify bundle.zip\n</code></pre>\n\
         <p>The assessment must name these digests: policy {}, inventory {}.</p>\n\
         <p>The JSON report is authoritative. In this page control characters and characters that reorder text are \
         written out, such as <code>\\u{{202e}}</code>.</p>\n</section>",
        Esc(&run.version),
        id(&policy.sha256),
        id(&inventory.sha256)
    )
}

fn glossary(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"glossary\">\n<h2 id=\"glossary\">Glossary</h2>\n<dl>")?;
    for outcome in Outcome::ALL {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", badge(outcome), meaning(outcome))?;
    }
    for (word, what) in [
        (
            "thing",
            "a resource that must be recoverable, or a vault, an application or the estate where a rule judges those",
        ),
        ("recovery point", "a stored copy from which a resource can be restored"),
        ("verdict", "what one rule concluded about one thing"),
        ("raw outcome", "what the check concluded before approved exceptions"),
        ("gap", "something that could not be read, with the IAM action that would allow it"),
        ("last good", "the time of the newest copy that can be used"),
        ("planned", "a clause of the policy that is not yet in force"),
        ("fingerprint", "the stable name of a verdict over runs: it changes only with the rule or the thing"),
    ] {
        writeln!(out, "<dt>{word}</dt><dd>{what}</dd>")?;
    }
    writeln!(out, "</dl>\n</section>")
}
