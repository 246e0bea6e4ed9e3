//! The auditor's report of a period: the same page, from the judgement of a period.

mod charts;
mod tables;

use std::io;

use crate::model::outcome::Outcome;
use crate::model::period::{PeriodAssessment, PeriodResult};

use super::super::period::{conclusion, label};
use super::super::words::{counted, len, moment, policy_name, stamp};
use super::escape::Esc;
use super::head::{self, Title};
use super::scope::{id, row, text};
use super::{end_table, mark, method, table};

/// Write the page.
pub(in crate::report) fn write(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    let standing = label(period.result);
    let name = policy_name(&period.policy);
    let title = Title {
        tab: format!("{standing}: {} {}", period.period.name, name),
        eyebrow: "lastgood compliance report over a period",
        heading: &period.policy.title,
        under: format!(
            "Policy {}, <strong>{}</strong>: {} to {}",
            id(&name),
            Esc(&period.period.name),
            period.period.first,
            period.period.last
        ),
        version: &period.version,
    };
    let parts = [
        ("conclusion", "Conclusion"),
        ("basis", "Basis and completeness"),
        ("method", "Method"),
        ("clauses", "Clauses"),
        ("rules", "Rules"),
        ("days", "Day by day"),
        ("trend", "Trend"),
        ("deviations", "Deviations"),
        ("exceptions", "Approved exceptions"),
        ("calendar", "Tests by calendar"),
        ("runs", "Runs"),
        ("verify", "How to verify"),
        ("glossary", "Glossary"),
    ];
    head::open(&title, &parts, out)?;
    self::conclude(period, out)?;
    basis(period, out)?;
    method::write(out)?;
    tables::clauses(period, out)?;
    tables::rules(period, out)?;
    charts::days(period, out)?;
    charts::trend(period, out)?;
    tables::deviations(period, out)?;
    tables::exceptions(period, out)?;
    tables::calendar(period, out)?;
    tables::runs(period, out)?;
    verify(period, out)?;
    glossary(out)?;
    let foot = format!(
        "Period {}, policy {}, as of {}; made by lastgood {}. Days are those of {}; times are UTC.",
        Esc(&period.period.name),
        id(&name),
        moment(period.as_of),
        Esc(&period.version),
        Esc(&period.period.zone)
    );
    head::close(&foot, out)
}

/// The outcome whose sign and colour stand for a result.
const fn like(result: PeriodResult) -> Outcome {
    match result {
        PeriodResult::NotSatisfied => Outcome::Fail,
        PeriodResult::NotEvaluable => Outcome::Unknown,
        PeriodResult::Excepted => Outcome::Waived,
        PeriodResult::Satisfied => Outcome::Pass,
        PeriodResult::NotApplicable => Outcome::NotApplicable,
    }
}

fn badge(result: PeriodResult) -> String {
    mark(like(result), label(result))
}

fn conclude(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"conclusion\">\n<h2 id=\"conclusion\">Conclusion</h2>\n\
         <p class=\"headline {}\"><strong>{}</strong> <span>{}.</span></p>",
        like(period.result).id(),
        label(period.result),
        Esc(&conclusion(period))
    )?;
    if !period.gaps.is_empty() {
        writeln!(
            out,
            "<p class=\"headline unknown\"><strong>NOT COMPLETE</strong> <span>{} could not be read on some day of the \
             period; what depends on it has no evidence. See <a href=\"#basis\">basis and completeness</a>.</span></p>",
            counted(len(&period.gaps), "thing")
        )?;
    }
    let totals = &period.totals;
    table(out, "t-days", "Resource-days on which something was demanded", &[("", "state"), ("n", "resource-days")])?;
    for (name, word, number) in [
        ("ok", "met", totals.ok),
        ("retried", "of these at a second attempt", totals.retried),
        ("issues", "with issues only", totals.issues),
        ("missed", "missed", totals.missed),
        ("excepted", "missed under an approved exception", totals.excepted),
        ("no-evidence", "without evidence", totals.no_evidence),
        ("required", "required, all in all", totals.required),
        ("open", "not over yet, and not counted", totals.open),
    ] {
        writeln!(out, "<tr><th scope=\"row\">{word}</th><td class=\"n\" data-total=\"{name}\">{number}</td></tr>")?;
    }
    end_table(out)?;
    let open: Vec<_> = period.deviations.iter().filter(|one| one.exception.is_none()).take(5).collect();
    if !open.is_empty() {
        writeln!(out, "<h3>The gravest deviations</h3>\n<ul>")?;
        for one in open {
            let to = if one.first_day == one.last_day { String::new() } else { format!(" to {}", one.last_day) };
            writeln!(
                out,
                "<li><a href=\"#d-{}\">{}</a> {}, {}{to}: {}</li>",
                Esc(&one.id),
                Esc(&one.id),
                text(&one.name),
                one.first_day,
                text(&one.sentence)
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(
        out,
        "<p class=\"soft\">This report was produced by software from the sources listed below. It is information produced \
         by the entity; it is not an audit opinion. Deviations stay in it after they were put right. Absence of evidence \
         is never counted as compliance.</p>\n</section>"
    )
}

fn basis(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"basis\">\n<h2 id=\"basis\">Basis and completeness</h2>\n<dl>")?;
    let days = &period.period;
    row(out, "period", &format!("{} to {}, {}", days.first, days.last, counted(days.days, "day")))?;
    row(out, "days of the zone", &id(&days.zone))?;
    row(out, "from", &moment(days.from))?;
    row(out, "to", &moment(days.to))?;
    row(out, "judged as of", &moment(period.as_of))?;
    row(out, "policy", &id(&policy_name(&period.policy)))?;
    let named = |name: Option<&str>| name.map_or_else(|| "not named".to_owned(), text);
    row(out, "policy owner", &named(period.policy.owner.as_deref()))?;
    let on = period.policy.approved_on.as_deref().map(|on| format!(" on {}", Esc(on))).unwrap_or_default();
    row(out, "policy approved by", &(named(period.policy.approved_by.as_deref()) + &on))?;
    row(out, "policy SHA-256", &id(&period.policy.sha256))?;
    row(out, "runs", &counted(len(&period.runs), "run"))?;
    row(out, "lastgood", &format!("{}, {}", Esc(&period.version), id(&period.schema)))?;
    writeln!(out, "</dl>")?;
    tables::policies(period, out)?;
    charts::collector(period, out)?;
    tables::gaps(period, out)?;
    writeln!(out, "</section>")
}

fn verify(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"verify\">\n<h2 id=\"verify\">How to verify and re-perform</h2>\n\
         <p>The result is a function of the history, the policy and the instant; every run that it rests on is listed with \
         the digest of what was read.</p>\n<pre><code>\
         # 1. judge the period again, from the same history, by the same policy, as of the same instant\n\
         lastgood report --history lastgood.db --policies policies/ --period {}..{} --as-of {} --format json=again.json\n\
         # 2. compare with the saved judgement; no output means that every byte agrees\n\
         cmp period.json again.json\n\
         # 3. check the bundle of any run that is listed, offline\n\
         lastgood verify bundle.zip\n</code></pre>\n\
         <p>The JSON report is authoritative. In this page control characters and characters that reorder text are \
         written out, such as <code>\\u{{202e}}</code>.</p>\n</section>",
        period.period.first,
        period.period.last,
        stamp(period.as_of)
    )
}

fn glossary(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"glossary\">\n<h2 id=\"glossary\">Glossary</h2>\n<dl>")?;
    for (word, what) in [
        ("resource-day", "one resource on one day on which a rule demands something of it"),
        (
            "evidence for a day",
            "a run that looked between the end of the day and 24 hours later, its lists read to their end",
        ),
        ("deviation", "a demand that was not met, put right since or not"),
        ("approved exception", "excuses a deviation while it is in force, and does not change what was found"),
        ("not evaluable", "no deviation is known, and evidence is missing: never a pass"),
        ("excepted", "every deviation is under an approved exception, and there is evidence for every day"),
        ("observed on N of M days", "what is configured is only known for the days on which a run looked"),
    ] {
        writeln!(out, "<dt>{word}</dt><dd>{what}</dd>")?;
    }
    writeln!(out, "</dl>\n</section>")
}
