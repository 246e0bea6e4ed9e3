//! Under each rule what was expected, the findings, and the population.

use std::io;

use crate::model::assessment::{Verdict, WaiverRef};
use crate::model::outcome::Outcome;

use super::super::view::{RuleView, View};
use super::super::words::{counted, is_quiet, moment, needy, parameters, place, short_name, stamp, tally};
use super::escape::{Esc, ticked};
use super::scope::{id, text};
use super::{Listed, badge};

/// The least share of a rule, of what is listed at most.
const LEAST: usize = 100;

/// Every rule with its verdicts.
pub(super) fn write(view: &View<'_>, listed: Listed, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules and verdicts</h2>")?;
    filter(out)?;
    if view.rules.is_empty() {
        writeln!(out, "<p>No rule judged anything. An empty estate is not a compliant one.</p>")?;
    }
    let all = view.assessment.verdicts.len();
    let Listed { most, quiet } = listed;
    let share = if all <= most { most } else { (most / view.rules.len().max(1)).max(LEAST.min(most / LEAST)) };
    for (at, rule) in view.rules.iter().enumerate() {
        self::rule(at, rule, Listed { most: share, quiet }, out)?;
    }
    writeln!(out, "</section>")
}

fn filter(out: &mut dyn io::Write) -> io::Result<()> {
    write!(
        out,
        "<div id=\"filter\" role=\"search\" aria-label=\"Filter the verdicts\" hidden>\
         <label>containing <input type=\"search\" id=\"filter-text\" autocomplete=\"off\"></label>\
         <fieldset><legend>outcomes</legend>"
    )?;
    for outcome in Outcome::ALL {
        write!(out, "<label><input type=\"checkbox\" value=\"{}\" checked> {}</label>", outcome.id(), badge(outcome))?;
    }
    writeln!(
        out,
        "</fieldset><button type=\"button\" id=\"filter-reset\">show all</button>\
         <p id=\"filter-status\" role=\"status\" class=\"soft\"></p></div>"
    )
}

fn rule(at: usize, rule: &RuleView<'_>, listed: Listed, out: &mut dyn io::Write) -> io::Result<()> {
    let info = rule.info;
    let planned = if rule.is_planned() { " <span class=\"planned\">planned: not counted</span>" } else { "" };
    writeln!(
        out,
        "<article class=\"rule\" id=\"rule-{at}\" aria-labelledby=\"rule-{at}-h\">\n\
         <h3 id=\"rule-{at}-h\"><code><bdi>{}</bdi></code>: <bdi>{}</bdi>{planned}</h3>\n<dl>",
        Esc(&info.id),
        Esc(&info.title)
    )?;
    let clauses: Vec<String> = info.clauses.iter().map(|clause| Esc(clause).to_string()).collect();
    let clauses = if clauses.is_empty() { "none".to_owned() } else { clauses.join(", ") };
    writeln!(out, "<dt>clauses</dt><dd>{clauses}</dd>\n<dt>check</dt><dd>{}</dd>", id(&info.check))?;
    write!(out, "<dt>expected</dt>")?;
    for variant in &rule.variants {
        let whom = match rule.variants.len() {
            1 => String::new(),
            _ => format!("{}: ", counted(variant.verdicts, "verdict")),
        };
        let parameters = parameters(&variant.info.expected);
        let expected = if parameters.is_empty() { "as the title says".to_owned() } else { id(&parameters) };
        let (severity, policy_at) = (variant.info.severity, &variant.info.policy_at);
        writeln!(out, "<dd>{whom}{expected} (severity {severity}, {}:{})</dd>", text(&policy_at.file), policy_at.line)?;
    }
    writeln!(
        out,
        "<dt>verdicts</dt><dd><span class=\"tally\">{}</span>, {} in all</dd>",
        tally(&rule.summary),
        rule.summary.total()
    )?;
    if rule.has_findings() && !info.remedy.is_empty() {
        writeln!(out, "<dt>remedy</dt><dd>{}</dd>", ticked(&info.remedy))?;
    }
    writeln!(out, "</dl>")?;
    let needy: Vec<&Verdict> = needy(&rule.verdicts).collect();
    let quiet: Vec<&Verdict> = rule.verdicts.iter().copied().filter(|verdict| is_quiet(verdict.outcome)).collect();
    list(&needy, listed.most, out)?;
    if !quiet.is_empty() {
        let rest: Vec<String> =
            [(Outcome::Pass, rule.summary.pass), (Outcome::NotApplicable, rule.summary.not_applicable)]
                .iter()
                .filter(|(_, number)| *number > 0)
                .map(|(outcome, number)| format!("{number} {}", outcome.id()))
                .collect();
        writeln!(out, "<details class=\"population\"><summary>{}</summary>", rest.join(", "))?;
        if listed.quiet {
            list(&quiet, listed.most.saturating_sub(needy.len()).max(listed.most.min(LEAST)), out)?;
        } else {
            writeln!(out, "<p class=\"soft\">Counted here; the XLSX, CSV and JSON reports list them.</p>")?;
        }
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</article>")
}

fn list(verdicts: &[&Verdict], most: usize, out: &mut dyn io::Write) -> io::Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    writeln!(out, "<ul class=\"verdicts\">")?;
    for verdict in verdicts.iter().take(most) {
        self::verdict(verdict, out)?;
    }
    writeln!(out, "</ul>")?;
    if verdicts.len() > most {
        writeln!(
            out,
            "<p class=\"soft\">{most} of {} are listed, the worst first; the JSON and CSV reports hold all.</p>",
            verdicts.len()
        )?;
    }
    Ok(())
}

fn verdict(verdict: &Verdict, out: &mut dyn io::Write) -> io::Result<()> {
    let subject = &verdict.subject;
    let place = match place(subject) {
        place if place.is_empty() => place,
        place => format!(" in {}", id(&place)),
    };
    let application =
        subject.application.as_deref().map(|name| format!(", application {}", text(name))).unwrap_or_default();
    writeln!(
        out,
        "<li class=\"verdict\" id=\"v-{}\" data-outcome=\"{}\">\n<p>{} <bdi class=\"name\">{}</bdi> \
         <span class=\"soft\">{}{place}{application}</span></p>\n<p><bdi>{}</bdi></p>",
        verdict.fingerprint(),
        verdict.outcome.id(),
        badge(verdict.outcome),
        Esc(short_name(subject)),
        subject.kind,
        Esc(&verdict.reason())
    )?;
    if let Some(waiver) = &verdict.waiver {
        writeln!(out, "<p class=\"exception\">{}; raw outcome {}</p>", exception(waiver), verdict.raw_outcome)?;
    }
    write!(out, "<p class=\"facts\">{}", id(&subject.resource))?;
    if !verdict.observed.is_empty() {
        let facts: Vec<String> =
            verdict.observed.iter().map(|(name, value)| format!("{} {}", text(name), id(&value.to_string()))).collect();
        write!(out, "<br><b>observed</b> {}", facts.join(", "))?;
    }
    for (at, evidence) in verdict.evidence.iter().enumerate() {
        let when = evidence.at.map(|at| format!(" at {}", stamp(at))).unwrap_or_default();
        let note = evidence.note.as_deref().map(|note| format!(" ({})", text(note))).unwrap_or_default();
        let head = if at == 0 { "<br><b>evidence</b>" } else { ";" };
        write!(out, "{head} {} {}{when}{note}", text(&evidence.what), id(&evidence.id))?;
    }
    writeln!(out, "</p></li>")
}

fn exception(waiver: &WaiverRef) -> String {
    format!(
        "Approved exception {}: {}; asked for by {}, approved by {} on {}, until {}",
        id(&waiver.id),
        text(&waiver.reason),
        text(&waiver.requested_by),
        text(&waiver.approved_by),
        text(&waiver.approved_on),
        moment(waiver.expires)
    )
}
