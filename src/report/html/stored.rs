//! What is stored: how old the recovery points are, and when each was made.

use std::fmt::Write as _;
use std::io;

use chrono::TimeDelta;

use crate::model::Instant;
use crate::model::arn;
use crate::model::ledger::{AgeCount, Stored, Timeline};

use super::super::view::View;
use super::super::words::{counted, len, short_name};
use super::escape::{Esc, label};
use super::heat;

const LABEL: u64 = 190;
const ROW: u64 = 16;
const AXIS: u64 = 18;
/// The picture of days ends so many days back, the fewest that show nearly all; what is older is counted at its edge.
const DAYS: [i64; 3] = [49, 92, 366];
/// Width of the picture of days.
const WIDE: i64 = 560;
/// Width of the longest bar of ages.
const BAR: u64 = 320;

/// Ages by their first day, in days. The first day after 35 days begins one of its own: it is the common limit.
const AGES: [(&str, u64); 9] = [
    ("up to 7 days", 0),
    ("8 to 14 days", 8),
    ("15 to 21 days", 15),
    ("22 to 28 days", 22),
    ("29 to 35 days", 29),
    ("36 to 42 days", 36),
    ("43 to 90 days", 43),
    ("91 to 365 days", 91),
    ("over a year", 366),
];

/// Both pictures; nothing where no point is stored.
pub(super) fn write(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(stored) = view.assessment.ledger.as_deref().map(|ledger| &ledger.stored) else { return Ok(()) };
    ages(stored, out)?;
    timelines(view, stored, out)
}

/// How many points there are of each age.
fn ages(stored: &Stored, out: &mut dyn io::Write) -> io::Result<()> {
    let mut bins: Vec<(&str, AgeCount)> = AGES.iter().map(|(name, _)| (*name, AgeCount::default())).collect();
    let mut all = AgeCount::default();
    for age in &stored.ages {
        let at = AGES.iter().rposition(|(_, first)| *first <= age.days).unwrap_or(0);
        for sum in bins.get_mut(at).map(|(_, sum)| sum).into_iter().chain([&mut all]) {
            sum.usable += age.usable;
            sum.held += age.held;
            sum.overdue += age.overdue;
            sum.other += age.other;
        }
    }
    let number = |sum: &AgeCount| sum.usable + sum.held + sum.overdue + sum.other;
    let Some(last) = bins.iter().rposition(|(_, sum)| number(sum) > 0) else { return Ok(()) };
    bins.truncate(last + 1);
    let most = bins.iter().map(|(_, sum)| number(sum)).max().unwrap_or(1);
    writeln!(
        out,
        "<figure>\n<figcaption>Age of the {} that are stored, continuous ones aside: {}. Overdue is a point that its own \
         lifecycle should have deleted more than two days ago.</figcaption>\n<ul class=\"bars\">",
        counted(number(&all), "recovery point"),
        parts(&all)
    )?;
    for (name, sum) in &bins {
        let wide = |number: u64| if number == 0 { 0 } else { (number * BAR / most).max(4) };
        write!(
            out,
            "<li><span>{name}</span>\n<svg viewBox=\"0 0 {} 16\" preserveAspectRatio=\"none\" aria-hidden=\"true\" \
             focusable=\"false\">",
            BAR + 12
        )?;
        let mut x = 0;
        for (class, number) in
            [("b-pass", sum.usable), ("b-waived", sum.held), ("b-fail", sum.overdue), ("b-unknown", sum.other)]
        {
            let width = wide(number);
            if width > 0 {
                write!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"0.5\" width=\"{width}\" height=\"15\"/>")?;
            }
            x += width;
        }
        let said = if number(sum) == 0 { "none".to_owned() } else { parts(sum) };
        writeln!(out, "</svg>\n<span>{said}</span></li>")?;
    }
    writeln!(out, "</ul>\n</figure>")
}

fn parts(sum: &AgeCount) -> String {
    let parts = [
        (sum.usable, "usable"),
        (sum.held, "kept by a hold or lock"),
        (sum.overdue, "overdue"),
        (sum.other, "not usable"),
    ];
    let told = parts.iter().filter(|(number, _)| *number > 0);
    told.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
}

/// The sorts of points: class, meaning, whose instants.
type Sort = (&'static str, &'static str, fn(&Timeline) -> &[Instant]);
const SORTS: [Sort; 5] = [
    ("t-usable", "usable", |line| &line.usable),
    ("t-copy", "usable copy of another point", |line| &line.copies),
    ("t-held", "kept by a hold or lock", |line| &line.held),
    ("t-overdue", "overdue", |line| &line.overdue),
    ("t-other", "not usable", |line| &line.other),
];

/// The path of one mark. Each sort has a shape of its own, so that colour never carries the meaning alone.
fn mark(class: &str, x: i64) -> String {
    match class {
        "t-copy" => format!("M{x} 4l-3 7h6z"),
        "t-held" => format!("M{} 5h6v6h-6z", x - 3),
        "t-overdue" => format!("M{} 4l6 8m0 -8l-6 8", x - 3),
        "t-other" => format!("M{} 8a3 3 0 1 0 6 0a3 3 0 1 0 -6 0", x - 3),
        _ => format!("M{x} 3V13"),
    }
}

/// A row per resource, a mark per point.
fn timelines(view: &View<'_>, stored: &Stored, out: &mut dyn io::Write) -> io::Result<()> {
    if stored.timelines.is_empty() {
        return Ok(());
    }
    let as_of = view.assessment.run.as_of;
    let days = reaching(stored, as_of);
    let drawn = len(&stored.timelines);
    let cut = if drawn < stored.resources {
        format!(" {drawn} of {} are drawn, those with most deviations first.", stored.resources)
    } else {
        String::new()
    };
    writeln!(
        out,
        "<figure>\n<figcaption>When the stored recovery points were made, the last {days} days, by resource.{cut} A band \
         is continuous backup: within it any moment can be restored.</figcaption>\n<ul class=\"legend\">"
    )?;
    for (class, meaning, _) in SORTS {
        writeln!(
            out,
            "<li><svg width=\"14\" height=\"16\" viewBox=\"0 0 14 16\" aria-hidden=\"true\" focusable=\"false\">\
             <path class=\"{class}\" d=\"{}\"/></svg>{meaning}</li>",
            mark(class, 7)
        )?;
    }
    let left = LABEL.cast_signed();
    let (wide, high) = (LABEL + WIDE.cast_unsigned() + 150, AXIS + drawn * ROW);
    writeln!(out, "</ul>")?;
    let title = "When the stored recovery points were made";
    heat::open("points", "Chart of recovery points", title, (wide, high), out)?;
    let name = |line: &Timeline| {
        let verdict = view.assessment.verdicts.iter().find(|verdict| verdict.subject.resource == line.resource);
        verdict.map_or_else(|| arn::short(&line.resource).to_owned(), |verdict| short_name(&verdict.subject).to_owned())
    };
    for line in &stored.timelines {
        write!(out, "{}: {}. ", Esc(&name(line)), said(line))?;
    }
    writeln!(out, "</desc>")?;
    let start = back(as_of, days);
    let place = |at: Instant| left + (at - start).num_hours().clamp(0, days * 24) * WIDE / (days * 24);
    for at in (0..days).step_by(if days > 100 { 61 } else { 14 }) {
        let at = back(as_of, days - at);
        writeln!(out, "<text class=\"axis\" x=\"{}\" y=\"11\">{}</text>", place(at), at.format("%m-%d"))?;
    }
    for (at, line) in stored.timelines.iter().enumerate() {
        let top = AXIS + at as u64 * ROW;
        writeln!(
            out,
            "<text x=\"0\" y=\"{}\">{}</text>\n<g class=\"points\" transform=\"translate(0 {top})\">",
            top + 11,
            label(&name(line), 26)
        )?;
        if let Some(window) = line.continuous {
            let (from, to) = (window.earliest.map_or(left, place), place(window.latest.unwrap_or(as_of)));
            writeln!(
                out,
                "<rect class=\"t-continuous\" x=\"{from}\" y=\"5\" width=\"{}\" height=\"6\"/>",
                (to - from).max(2)
            )?;
        }
        for (class, _, instants) in SORTS {
            let mut path = String::new();
            for at in instants(line).iter().filter(|at| **at >= start) {
                let _ = write!(path, "{}", mark(class, place(*at)));
            }
            if !path.is_empty() {
                writeln!(out, "<path class=\"{class}\" d=\"{path}\"/>")?;
            }
        }
        let older = SORTS.iter().flat_map(|(_, _, instants)| instants(line)).filter(|at| **at < start).count();
        let older = if older > 0 { format!(", {older} older") } else { String::new() };
        writeln!(out, "<text x=\"{}\" y=\"11\">{}{older}</text></g>", left + WIDE + 12, counted(line.points, "point"))?;
    }
    writeln!(out, "</svg></div>\n</figure>")
}

/// So many days before an instant, as far as time goes back.
fn back(as_of: Instant, days: i64) -> Instant {
    as_of.checked_sub_signed(TimeDelta::days(days)).unwrap_or(Instant::MIN_UTC)
}

/// How many days back all but a twentieth of the points were made, as far as a picture goes.
fn reaching(stored: &Stored, as_of: Instant) -> i64 {
    let all = || {
        let lines = stored.timelines.iter();
        lines.flat_map(|line| SORTS.iter().flat_map(move |(_, _, instants)| instants(line)))
    };
    let older = |days: i64| all().filter(|at| **at < back(as_of, days)).count();
    let [.., long] = DAYS;
    DAYS.into_iter().find(|days| older(*days) * 20 <= all().count()).unwrap_or(long)
}

fn said(line: &Timeline) -> String {
    let mut parts = vec![counted(line.points, "point")];
    for (_, meaning, instants) in SORTS {
        let instants = instants(line);
        if let (Some(first), Some(last)) = (instants.first(), instants.last()) {
            parts.push(format!("{} {meaning}, {} to {}", instants.len(), first.date_naive(), last.date_naive()));
        }
    }
    parts.extend(line.continuous.map(|_| "continuous backup".to_owned()));
    parts.join("; ")
}
