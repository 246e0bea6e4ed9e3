//! Resource × day: did it work every day?

use std::cmp::Reverse;
use std::io;

use chrono::NaiveDate;

use super::super::view::{RuleView, View};
use super::super::words::short_name;
use super::escape::Esc;
use super::grid::{Day, Line};
use super::heat::{self, PICTURE, Row, Span, legend, picture, shifted};
use super::{badge, end_table, table};

/// So many resources are drawn per rule.
const DRAWN: usize = 200;

/// Whether there is anything to draw.
pub(super) fn any(view: &View<'_>) -> bool {
    view.assessment.verdicts.iter().any(|verdict| Line::of(verdict).is_some())
}

/// One heat map per rule whose verdicts know their days.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if !any(view) {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"days\">\n<h2 id=\"days\">Recovery points day by day</h2>\n\
         <p>One column per UTC day. A day counts as covered when a recovery point of that day can be used.</p>"
    )?;
    legend(&Day::ALL.map(Day::mark), out)?;
    for (at, rule) in view.rules.iter().enumerate() {
        let mut lines: Vec<Line<'_>> = rule.verdicts.iter().filter_map(|verdict| Line::of(verdict)).collect();
        if lines.is_empty() {
            continue;
        }
        lines.sort_by_key(|line| (Reverse(line.verdict.outcome), Reverse(line.missed())));
        figure(at, rule, &lines, out)?;
    }
    writeln!(out, "</section>")
}

fn figure(at: usize, rule: &RuleView<'_>, lines: &[Line<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let Some(from) = lines.iter().map(|line| line.from).min() else { return Ok(()) };
    let ends = lines.iter().filter_map(|line| shifted(line.from, line.days.len() as u64 - 1));
    let to = ends.max().unwrap_or(from);
    let days = offset(from, to) + 1;
    let drawn = lines.get(..DRAWN).unwrap_or(lines);
    let missed = lines.iter().filter(|line| line.has_holes()).count();
    writeln!(
        out,
        "<figure>\n<figcaption><a href=\"#rule-{at}\"><code><bdi>{}</bdi></code></a>, {from} to {to} ({days} days): \
         {missed} of {} things have at least one day without a usable recovery point, or of which it is not known.",
        Esc(&rule.info.id),
        lines.len()
    )?;
    if lines.len() > drawn.len() {
        write!(out, " {} of {} are drawn, the worst first; the CSV report holds all.", drawn.len(), lines.len())?;
    }
    let silent = rule.verdicts.len() - lines.len();
    if silent > 0 {
        write!(out, " {silent} more verdicts of this rule carry no record of days.")?;
    }
    writeln!(out, "</figcaption>")?;
    for (part, chunk) in drawn.chunks(PICTURE).enumerate() {
        let rows: Vec<Row<'_>> = chunk.iter().map(|line| row(line, from)).collect();
        let title = format!("Days with a usable recovery point, rule {}", rule.info.id);
        picture(&format!("days-{at}-{part}"), &title, &rows, Span { from, days }, out)?;
    }
    writeln!(out, "<details><summary>The same days as a table</summary>")?;
    fallback(at, drawn, out)?;
    writeln!(out, "</details>\n</figure>")
}

fn row<'a>(line: &'a Line<'_>, from: NaiveDate) -> Row<'a> {
    let start = offset(from, line.from);
    let stretches = line.stretches().into_iter().map(|stretch| heat::Stretch {
        mark: stretch.day.mark(),
        start: start + stretch.start,
        length: stretch.length,
    });
    let note = match line.missed() {
        (0, 0) => String::new(),
        (missed, 0) => format!("{missed} missed"),
        (0, open) => format!("{open} not known"),
        (missed, open) => format!("{missed} missed, {open} not known"),
    };
    Row { name: short_name(&line.verdict.subject), said: line.holes(3), note, stretches: stretches.collect() }
}

fn fallback(at: usize, lines: &[Line<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let mut heads = vec![("", "thing"), ("", "outcome"), ("", "from")];
    heads.extend(Day::ALL.map(|day| ("n", day.words())));
    heads.push(("long", "days without a usable recovery point"));
    table(out, &format!("t-days-{at}"), "Number of days by what is known of them", &heads)?;
    for line in lines {
        let verdict = line.verdict;
        write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#v-{}\"><bdi>{}</bdi></a></th><td>{}</td><td class=\"date\">{}</td>",
            verdict.fingerprint(),
            Esc(short_name(&verdict.subject)),
            badge(verdict.outcome),
            line.from
        )?;
        for day in Day::ALL {
            write!(out, "<td class=\"n\">{}</td>", line.count(day))?;
        }
        writeln!(out, "<td class=\"long\">{}</td></tr>", line.holes(12))?;
    }
    end_table(out)
}

fn offset(from: NaiveDate, to: NaiveDate) -> u64 {
    u64::try_from(to.signed_duration_since(from).num_days()).unwrap_or(0)
}
