//! How big the biggest hole was, how far back the copies reach, and which clause covers which thing.

use std::collections::{BTreeMap, HashSet};
use std::io;

use crate::model::assessment::Verdict;
use crate::model::judgement::Value;
use crate::model::outcome::Outcome;
use crate::model::span::Span;
use crate::model::text::Text;

use super::super::view::View;
use super::super::words::{counted, short_name};
use super::escape::{Esc, label};
use super::{heat, stored};

const BAR: u64 = 320;
const LABEL: u64 = 190;
const ROW: u64 = 16;
const AXIS: u64 = 18;
/// So many things are drawn, the worst.
const DRAWN: usize = 60;
/// So many clauses are columns of the matrix.
const COLUMNS: usize = 40;
const HOUR: i64 = 3600;

/// The section; nothing where no verdict has anything to draw.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if view.rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section aria-labelledby=\"charts\">\n<h2 id=\"charts\">Coverage, gaps, reach and ages</h2>")?;
    matrix(view, out)?;
    gaps(view, out)?;
    reach(view, out)?;
    stored::write(view, out)?;
    writeln!(out, "</section>")
}

fn seconds(verdict: &Verdict, fact: &str) -> Option<i64> {
    match verdict.fact(fact)? {
        Value::Span(span) => Some(span.delta().num_seconds()),
        other => other.to_string().parse::<Span>().ok().map(|span| span.delta().num_seconds()),
    }
}

/// The largest gap between usable recovery points, per resource, in bins.
fn gaps(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    const BINS: [(&str, i64); 5] = [
        ("up to 24 h", 24),
        ("over 24 to 26 h", 26),
        ("over 26 to 30 h", 30),
        ("over 30 to 48 h", 48),
        ("over 48 h", i64::MAX / HOUR),
    ];
    let (mut within, mut beyond) = ([0_u64; 5], [0_u64; 5]);
    let mut widest: Option<(i64, &Verdict)> = None;
    for verdict in view.rules.iter().flat_map(|rule| rule.verdicts.iter().copied()) {
        let Some(gap) = seconds(verdict, "largest_gap") else { continue };
        let bin = BINS.iter().position(|(_, hours)| gap <= hours * HOUR).unwrap_or(4);
        let kept = seconds(verdict, "limit").is_none_or(|limit| gap <= limit);
        if let Some(number) = if kept { &mut within } else { &mut beyond }.get_mut(bin) {
            *number += 1;
        }
        if widest.is_none_or(|(known, _)| known < gap) {
            widest = Some((gap, verdict));
        }
    }
    let Some((gap, verdict)) = widest else { return Ok(()) };
    let most = within.iter().zip(&beyond).map(|(a, b)| a + b).max().unwrap_or(1).max(1);
    writeln!(
        out,
        "<figure>\n<figcaption>Largest gap between two usable recovery points, by resource and rule. Blue is within the \
         limit of the rule, orange beyond it. The largest of all is {} h, of <a href=\"#v-{}\"><bdi>{}</bdi></a>.\
         </figcaption>\n<ul class=\"bars\">",
        gap / HOUR,
        verdict.fingerprint(),
        Esc(short_name(&verdict.subject))
    )?;
    for (((name, _), kept), broken) in BINS.iter().zip(&within).zip(&beyond) {
        let wide = |number: u64| if number == 0 { 0 } else { (number * BAR / most).max(4) };
        let (a, b) = (wide(*kept), wide(*broken));
        writeln!(
            out,
            "<li><span>{name}</span>\n<svg viewBox=\"0 0 {} 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\" \
             focusable=\"false\"><rect class=\"b-pass\" x=\"0\" y=\"0.5\" width=\"{a}\" height=\"15\"/>\
             <rect class=\"b-fail\" x=\"{a}\" y=\"0.5\" width=\"{b}\" height=\"15\"/></svg>\n\
             <span>{kept} within the limit, {broken} beyond</span></li>",
            BAR + 8
        )?;
    }
    writeln!(out, "</ul>\n</figure>")
}

struct Reach<'a> {
    verdict: &'a Verdict,
    achieved: i64,
    keep: i64,
}

/// How old the oldest usable copy is, against what is demanded.
fn reach(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let all = view.rules.iter().flat_map(|rule| rule.verdicts.iter().copied());
    let mut rows: Vec<Reach<'_>> = all
        .filter_map(|verdict| {
            let (achieved, keep) = (seconds(verdict, "achieved")?, seconds(verdict, "keep")?);
            Some(Reach { verdict, achieved, keep })
        })
        .collect();
    let Some(most) = rows.iter().map(|row| row.achieved.max(row.keep)).max().filter(|most| *most > 0) else {
        return Ok(());
    };
    rows.sort_by_key(|row| {
        (std::cmp::Reverse(row.verdict.outcome), row.achieved - row.keep, short_name(&row.verdict.subject))
    });
    let short = rows.iter().filter(|row| row.achieved < row.keep).count();
    let drawn = rows.get(..DRAWN).unwrap_or(&rows);
    let cut = match rows.len() - drawn.len() {
        0 => String::new(),
        _ => format!(" {} of {} are drawn, the worst first; the CSV report holds all.", drawn.len(), rows.len()),
    };
    writeln!(
        out,
        "<figure>\n<figcaption>How far back the usable recovery points reach. The line across a bar is what the rule \
         demands; {short} of {} do not reach it (a young resource is not held against it).{cut}</figcaption>",
        rows.len()
    )?;
    let (wide, high) = (LABEL + BAR + 250, AXIS + drawn.len() as u64 * ROW);
    let title = "Age of the oldest usable recovery point against the demand";
    heat::open("reach", "Chart of reach", title, (wide, high), out)?;
    let days = |seconds: i64| seconds / (24 * HOUR);
    for row in drawn {
        let name = short_name(&row.verdict.subject);
        write!(out, "{}: {} of {} days. ", Esc(name), days(row.achieved), days(row.keep))?;
    }
    writeln!(out, "</desc>\n<text class=\"axis\" x=\"{LABEL}\" y=\"11\">today</text>")?;
    let scale = |seconds: i64| {
        u64::try_from(seconds.max(0)).unwrap_or(0).saturating_mul(BAR) / u64::try_from(most).unwrap_or(1)
    };
    writeln!(out, "<text class=\"axis\" x=\"{}\" y=\"11\">{} days ago</text>", LABEL + BAR, days(most))?;
    for (at, row) in drawn.iter().enumerate() {
        let top = AXIS + at as u64 * ROW;
        let demand = LABEL + scale(row.keep);
        let class = match row.verdict.outcome {
            Outcome::Fail => "b-fail",
            Outcome::Waived => "b-waived",
            Outcome::Unknown => "b-unknown",
            _ => "b-pass",
        };
        let name = label(short_name(&row.verdict.subject), 26);
        writeln!(
            out,
            "<text x=\"0\" y=\"{}\">{name}</text>\n<rect class=\"{class}\" x=\"{LABEL}\" y=\"{}\" width=\"{}\" height=\"9\"/>\n\
             <path class=\"demand\" d=\"M{demand} {}V{}\"/>\n<text x=\"{}\" y=\"{}\">{} of {} days</text>",
            top + 11,
            top + 3,
            scale(row.achieved).max(2),
            top + 1,
            top + 14,
            LABEL + BAR + 78,
            top + 11,
            days(row.achieved),
            days(row.keep)
        )?;
    }
    writeln!(out, "</svg></div>\n</figure>")
}

/// Clause × thing: which demand reaches which thing, and with which outcome.
fn matrix(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rows: BTreeMap<&str, (&Verdict, BTreeMap<&str, Outcome>)> = BTreeMap::new();
    // Groups such as applications have no account; they stand in the parts of their clauses.
    let judged = || {
        let all = view.rules.iter().flat_map(|rule| rule.verdicts.iter().copied());
        all.filter(|verdict| !verdict.subject.account.is_empty())
    };
    let reached: HashSet<&str> = judged()
        .filter(|verdict| verdict.outcome != Outcome::NotApplicable)
        .flat_map(|verdict| verdict.rule.clauses.iter().map(Text::as_str))
        .collect();
    let reaching = view.clauses.iter().map(|clause| clause.clause.id.as_str()).filter(|id| reached.contains(id));
    let columns: Vec<&str> = reaching.take(COLUMNS).collect();
    for verdict in judged() {
        let (_, cells) = rows.entry(&verdict.subject.resource).or_insert_with(|| (verdict, BTreeMap::new()));
        for clause in verdict.rule.clauses.iter().filter(|clause| columns.contains(&clause.as_str())) {
            let cell = cells.entry(clause).or_insert(verdict.outcome);
            *cell = (*cell).max(verdict.outcome);
        }
    }
    let mut rows: Vec<_> = rows.into_values().filter(|(_, cells)| !cells.is_empty()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let bad = |cells: &BTreeMap<&str, Outcome>, outcome| cells.values().filter(|known| **known == outcome).count();
    rows.sort_by_key(|(verdict, cells)| {
        let subject = &verdict.subject;
        (
            std::cmp::Reverse((bad(cells, Outcome::Fail), bad(cells, Outcome::Unknown))),
            short_name(subject),
            &subject.resource,
        )
    });
    let drawn = rows.get(..DRAWN).unwrap_or(&rows);
    writeln!(
        out,
        "<figure>\n<figcaption>Clause by resource: ✕ fail, ? unknown, ◇ approved exception, ✓ pass, – not applicable, \
         empty: the clause does not reach it. {} of {} are drawn, those with most deviations first; {} of {} that reach any. The \
         numbers of every clause stand in its own part.</figcaption>",
        drawn.len(),
        counted(rows.len() as u64, "resource"),
        columns.len(),
        counted(reached.len() as u64, "clause")
    )?;
    let (cell, head) = (18, 44);
    let (wide, high) = (LABEL + columns.len() as u64 * cell + 10, head + drawn.len() as u64 * ROW);
    heat::open("matrix", "Matrix of coverage", "Coverage of resources by clauses", (wide, high), out)?;
    for (verdict, cells) in drawn {
        let (fail, unknown) = (bad(cells, Outcome::Fail), bad(cells, Outcome::Unknown));
        write!(out, "{}: {fail} fail, {unknown} unknown, of {}. ", Esc(short_name(&verdict.subject)), cells.len())?;
    }
    writeln!(out, "</desc>")?;
    for (at, clause) in columns.iter().enumerate() {
        let x = LABEL + at as u64 * cell + 12;
        let top = head - 5;
        writeln!(
            out,
            "<text class=\"axis\" transform=\"translate({x} {top}) rotate(-60)\">{}</text>",
            label(clause, 8)
        )?;
    }
    for (at, (verdict, cells)) in drawn.iter().enumerate() {
        let top = head + at as u64 * ROW;
        writeln!(out, "<text x=\"0\" y=\"{}\">{}</text>", top + 12, label(short_name(&verdict.subject), 26))?;
        for (column, clause) in columns.iter().enumerate() {
            let Some(outcome) = cells.get(clause) else { continue };
            let x = LABEL + column as u64 * cell;
            let sign = super::sign(*outcome);
            writeln!(
                out,
                "<rect class=\"m-{}\" x=\"{x}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>\
                 <text class=\"sign\" x=\"{}\" y=\"{}\">{sign}</text>",
                outcome.id(),
                cell - 2,
                ROW - 2,
                x + 8,
                top + 11
            )?;
        }
    }
    writeln!(out, "</svg></div>\n</figure>")
}
