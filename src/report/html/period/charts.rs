//! The pictures of a period: the days of each resource, whether anybody looked, and the trend.

use std::collections::BTreeMap;
use std::io;

use chrono::NaiveDate;

use crate::model::period::{CollectorDay, DayState, MatrixRow, PeriodAssessment};

use super::super::super::words::counted;
use super::super::escape::Esc;
use super::super::heat::{Glyph, Mark, PICTURE, Row, Span, Stretch, legend, picture};

/// So many resources are drawn per rule.
const DRAWN: usize = 200;
const BAR: u64 = 320;

const fn mark(state: DayState) -> Mark {
    let (glyph, words) = match state {
        DayState::Ok => (Glyph::Nothing, "met"),
        DayState::Retried => (Glyph::Slash, "met at a second attempt"),
        DayState::Issues => (Glyph::Cross, "with issues only"),
        DayState::Missed => (Glyph::Bar, "missed"),
        DayState::Excepted => (Glyph::Ring, "missed under an approved exception"),
        DayState::NoEvidence => (Glyph::Dot, "no evidence"),
        DayState::NotInScope => (Glyph::Nothing, "not in scope"),
        DayState::Open => (Glyph::Post, "not over yet"),
    };
    let class = match state {
        DayState::Ok => "good",
        DayState::NotInScope => "before",
        DayState::Open => "open",
        other => other.id(),
    };
    Mark { class, glyph, words }
}

fn of(row: &MatrixRow) -> impl Iterator<Item = DayState> {
    row.days.chars().map(|letter| DayState::of_letter(letter).unwrap_or(DayState::NoEvidence))
}

fn stretches(days: impl Iterator<Item = Mark>) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for (at, mark) in days.enumerate() {
        match found.last_mut() {
            Some(last) if last.mark.class == mark.class => last.length += 1,
            _ => found.push(Stretch { mark, start: at as u64, length: 1 }),
        }
    }
    found
}

/// One heat map per rule that is judged day by day.
pub(super) fn days(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"days\">\n<h2 id=\"days\">Day by day</h2>\n<p>One column per day of {}.</p>",
        Esc(&period.period.zone)
    )?;
    let Ok(from) = period.period.first.parse::<NaiveDate>() else {
        return writeln!(out, "<p>The first day of the period is not a date.</p></section>");
    };
    legend(&DayState::ALL.map(|(state, _)| mark(state)), out)?;
    let mut rules: BTreeMap<&str, Vec<&MatrixRow>> = BTreeMap::new();
    for row in &period.matrix {
        rules.entry(&row.rule).or_default().push(row);
    }
    if rules.is_empty() {
        writeln!(out, "<p>No rule is judged day by day.</p>")?;
    }
    for (at, (rule, mut rows)) in rules.into_iter().enumerate() {
        let bad = |row: &MatrixRow| {
            of(row).filter(|state| matches!(state, DayState::Missed | DayState::Issues | DayState::NoEvidence)).count()
        };
        rows.sort_by_cached_key(|row| (std::cmp::Reverse(bad(row)), row.name.clone(), row.resource.clone()));
        let troubled = rows.iter().filter(|row| bad(row) > 0).count();
        let drawn = rows.get(..DRAWN).unwrap_or(&rows);
        let cut = match rows.len() - drawn.len() {
            0 => String::new(),
            _ => format!(" {} are drawn, the worst first; the CSV and XLSX reports hold all.", drawn.len()),
        };
        writeln!(
            out,
            "<figure>\n<figcaption><code><bdi>{}</bdi></code>: {troubled} of {} have a day that was missed, had issues \
             or has no evidence.{cut}</figcaption>",
            Esc(rule),
            counted(rows.len() as u64, "thing")
        )?;
        for (part, chunk) in drawn.chunks(PICTURE).enumerate() {
            let rows: Vec<Row<'_>> = chunk.iter().map(|row| drawn_row(row)).collect();
            let span = Span { from, days: period.period.days };
            picture(&format!("days-{at}-{part}"), &format!("Days of the period, rule {rule}"), &rows, span, out)?;
        }
        writeln!(out, "</figure>")?;
    }
    writeln!(out, "</section>")
}

fn drawn_row(row: &MatrixRow) -> Row<'_> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for state in of(row).filter(|state| !matches!(state, DayState::NotInScope)) {
        *counts.entry(state.id()).or_default() += 1;
    }
    let said: Vec<String> = counts.iter().map(|(state, days)| format!("{days} {state}")).collect();
    let told = ["missed", "issues", "no-evidence"].iter().filter_map(|state| Some((state, counts.get(state)?)));
    let note: Vec<String> = told.map(|(state, days)| format!("{days} {state}")).collect();
    Row {
        name: if row.name.is_empty() { &row.resource } else { &row.name },
        said: if said.is_empty() { "never in scope".to_owned() } else { said.join(", ") },
        note: note.join(", "),
        stretches: stretches(of(row).map(mark)),
    }
}

/// Whether the auditor itself was running.
pub(super) fn collector(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    const WHOLE: Mark = Mark { class: "good", glyph: Glyph::Nothing, words: "a run that read everything" };
    const PART: Mark = Mark { class: "issues", glyph: Glyph::Cross, words: "runs that could not read everything" };
    const NONE: Mark = Mark { class: "missed", glyph: Glyph::Bar, words: "no run" };
    let mark = |day: &CollectorDay| match (day.runs, day.complete) {
        (0, _) => NONE,
        (_, 0) => PART,
        _ => WHOLE,
    };
    let number = |wanted: &Mark| period.collector.iter().filter(|day| mark(day).class == wanted.class).count();
    let (whole, part, none) = (number(&WHOLE), number(&PART), number(&NONE));
    writeln!(
        out,
        "<figure>\n<figcaption>Was the collector running? {whole} of {} have a run that read everything, {part} only runs \
         that could not, {none} have no run.</figcaption>",
        counted(period.collector.len() as u64, "day")
    )?;
    legend(&[WHOLE, PART, NONE], out)?;
    if let (Ok(from), false) = (period.period.first.parse::<NaiveDate>(), period.collector.is_empty()) {
        let row = Row {
            name: "collector",
            said: format!("{whole} whole, {part} in part, {none} without a run"),
            note: if none > 0 { format!("{none} without a run") } else { String::new() },
            stretches: stretches(period.collector.iter().map(mark)),
        };
        let span = Span { from, days: period.collector.len() as u64 };
        picture("collector", "Days with runs", &[row], span, out)?;
    }
    writeln!(out, "</figure>")
}

#[derive(Default)]
struct Month {
    missed: u64,
    no_evidence: u64,
    excepted: u64,
    began: u64,
}

/// Failures by month: counts, since a percentage hides the small ones.
pub(super) fn trend(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"trend\">\n<h2 id=\"trend\">Trend</h2>")?;
    let mut months: BTreeMap<String, Month> = BTreeMap::new();
    let first = period.period.first.parse::<NaiveDate>().ok();
    for (row, from) in period.matrix.iter().filter_map(|row| Some((row, first?))) {
        for (state, day) in of(row).zip(from.iter_days()) {
            let add: fn(&mut Month) = match state {
                DayState::Missed | DayState::Issues => |month| month.missed += 1,
                DayState::NoEvidence => |month| month.no_evidence += 1,
                DayState::Excepted => |month| month.excepted += 1,
                _ => continue,
            };
            add(months.entry(day.format("%Y-%m").to_string()).or_default());
        }
    }
    for one in &period.deviations {
        let month = one.first_day.get(..7).unwrap_or_default();
        months.entry(month.to_owned()).or_default().began += 1;
    }
    if months.is_empty() {
        return writeln!(
            out,
            "<p>No month has a day missed or without evidence, or a deviation that began in it.</p></section>"
        );
    }
    let most = months.values().map(|month| month.missed + month.no_evidence + month.excepted).max().unwrap_or(1).max(1);
    writeln!(
        out,
        "<figure>\n<figcaption>Resource-days by month: orange was missed or had issues, grey has no evidence, violet was \
         missed under an approved exception.</figcaption>\n<ul class=\"bars\">"
    )?;
    for (name, month) in &months {
        writeln!(
            out,
            "<li><span>{}</span>\n<svg viewBox=\"0 0 {} 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\" \
             focusable=\"false\">",
            Esc(name),
            BAR + 12
        )?;
        let mut x = 0;
        for (class, number) in
            [("b-fail", month.missed), ("c-none-known", month.no_evidence), ("b-waived", month.excepted)]
        {
            let width = if number == 0 { 0 } else { (number.saturating_mul(BAR) / most).max(4) };
            writeln!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"0.5\" width=\"{width}\" height=\"15\"/>")?;
            x += width;
        }
        writeln!(
            out,
            "</svg>\n<span>{} missed, {} without evidence, {} excepted; {} began</span></li>",
            month.missed,
            month.no_evidence,
            month.excepted,
            counted(month.began, "deviation")
        )?;
    }
    writeln!(out, "</ul>\n</figure>\n</section>")
}
