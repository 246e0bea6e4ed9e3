//! Resource × day: did it work every day?

use std::cmp::Reverse;
use std::io;

use chrono::NaiveDate;

use super::super::view::{RuleView, View};
use super::super::words::short_name;
use super::escape::{Esc, label};
use super::grid::{Day, Line, shifted};
use super::{badge, end_table, table};

/// So many resources are drawn per rule; so many stand in one picture, so that it fits a printed page.
const DRAWN: usize = 200;
const PICTURE: usize = 40;

const LABEL: u64 = 190;
const ROW: u64 = 16;
const AXIS: u64 = 18;

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
    legend(out)?;
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

fn legend(out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"legend\">")?;
    for (at, day) in Day::ALL.into_iter().enumerate() {
        writeln!(
            out,
            "<li><svg width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" aria-hidden=\"true\" focusable=\"false\">"
        )?;
        if at == 0 {
            writeln!(out, "<defs>")?;
            for width in WIDTHS {
                Day::ALL.into_iter().try_for_each(|day| pattern(day, width, out))?;
            }
            writeln!(out, "</defs>")?;
        }
        writeln!(out, "{}</svg>{}</li>", tile(day, 14), day.words())?;
    }
    writeln!(out, "</ul>")
}

/// Widths of a day: the widest that lets the picture fit is taken.
const WIDTHS: [u64; 4] = [14, 8, 5, 3];

fn cell(days: u64) -> u64 {
    WIDTHS.into_iter().find(|width| days * width <= 760).unwrap_or(3)
}

fn pattern(day: Day, width: u64, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<pattern id=\"d{width}-{}\" width=\"{width}\" height=\"{ROW}\" patternUnits=\"userSpaceOnUse\">{}</pattern>",
        day.class(),
        tile(day, width)
    )
}

/// One day's square with its glyph: none, a bar, a cross, a dot, or an empty frame.
fn tile(day: Day, width: u64) -> String {
    let (w, middle) = (width - 1, (width - 1) as f64 / 2.0);
    let square =
        format!("<rect class=\"c-{}\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"12\"/>", day.class(), w.max(2) - 1);
    let (left, right) = (middle - middle / 2.0, middle + middle / 2.0);
    let glyph = match day {
        Day::None => format!("<path class=\"g-none\" d=\"M{left} 6.5H{right}\"/>"),
        Day::Bad if width > 3 => format!("<path class=\"g-bad\" d=\"M{left} 4L{right} 9M{left} 9L{right} 4\"/>"),
        Day::Open => format!("<circle class=\"g-open\" cx=\"{middle}\" cy=\"6.5\" r=\"{}\"/>", middle / 3.0),
        _ => String::new(),
    };
    square + &glyph
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
        picture(&format!("days-{at}-{part}"), rule, chunk, (from, days), out)?;
    }
    writeln!(out, "<details><summary>The same days as a table</summary>")?;
    fallback(at, drawn, out)?;
    writeln!(out, "</details>\n</figure>")
}

fn picture(
    id: &str,
    rule: &RuleView<'_>,
    lines: &[Line<'_>],
    (from, days): (NaiveDate, u64),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let width = cell(days);
    let (wide, high) = (LABEL + days * width + 170, AXIS + lines.len() as u64 * ROW);
    writeln!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-label=\"Chart of days\" tabindex=\"0\">\n\
         <svg role=\"img\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" \
         aria-labelledby=\"{id}-t {id}-d\">\n<title id=\"{id}-t\">Days with a usable recovery point, rule {}</title>\n\
         <desc id=\"{id}-d\">",
        Esc(&rule.info.id)
    )?;
    for line in lines {
        write!(out, "{}: {}. ", Esc(short_name(&line.verdict.subject)), line.holes(3))?;
    }
    writeln!(out, "</desc>")?;
    let step = (48_u64).div_ceil(width);
    for day in (0..days).step_by(usize::try_from(step).unwrap_or(7)) {
        if let Some(date) = shifted(from, day) {
            writeln!(
                out,
                "<text class=\"axis\" x=\"{}\" y=\"11\">{}</text>",
                LABEL + day * width,
                date.format("%m-%d")
            )?;
        }
    }
    for (row, line) in lines.iter().enumerate() {
        let top = AXIS + row as u64 * ROW;
        writeln!(out, "<text x=\"0\" y=\"{}\">{}</text>", top + 11, label(short_name(&line.verdict.subject), 26))?;
        // The group carries the offset, so that patterns start with the first square.
        writeln!(out, "<g transform=\"translate({LABEL} {top})\">")?;
        let start = offset(from, line.from);
        for stretch in line.stretches() {
            writeln!(
                out,
                "<rect fill=\"url(#d{width}-{})\" x=\"{}\" width=\"{}\" height=\"{ROW}\"/>",
                stretch.day.class(),
                (start + stretch.start) * width,
                stretch.length * width
            )?;
        }
        writeln!(out, "</g>")?;
        let x = LABEL + days * width + 8;
        match line.missed() {
            (0, 0) => {}
            (missed, 0) => writeln!(out, "<text x=\"{x}\" y=\"{}\">{missed} missed</text>", top + 11)?,
            (0, open) => writeln!(out, "<text x=\"{x}\" y=\"{}\">{open} not known</text>", top + 11)?,
            (missed, open) => {
                writeln!(out, "<text x=\"{x}\" y=\"{}\">{missed} missed, {open} not known</text>", top + 11)?;
            }
        }
    }
    writeln!(out, "</svg></div>")
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
