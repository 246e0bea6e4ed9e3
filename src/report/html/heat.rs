//! The picture of days: a row per thing, a column per day, each state with a colour and a glyph of its own.

use std::io;

use chrono::{Days, NaiveDate};

use super::escape::{Esc, label};

const LABEL: u64 = 190;
const ROW: u64 = 16;
const AXIS: u64 = 18;
/// Widths of a day: the widest that lets the picture fit is taken.
const WIDTHS: [u64; 4] = [14, 8, 5, 3];
/// So many things stand in one picture, so that it fits a printed page.
pub(super) const PICTURE: usize = 40;

/// A state of a day: the class of its colour, its glyph and its meaning.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) class: &'static str,
    pub(super) glyph: Glyph,
    pub(super) words: &'static str,
}

/// What is drawn on the square, so that colour never carries the meaning alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    Nothing,
    Bar,
    Cross,
    Dot,
    Slash,
    Ring,
    Post,
}

/// Equal days in a row.
pub(super) struct Stretch {
    pub(super) mark: Mark,
    pub(super) start: u64,
    pub(super) length: u64,
}

/// One thing with its days.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    /// What the text alternative says of it.
    pub(super) said: String,
    /// What stands behind the days.
    pub(super) note: String,
    pub(super) stretches: Vec<Stretch>,
}

/// The days that a picture spans.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: NaiveDate,
    pub(super) days: u64,
}

/// The meaning of every mark; the patterns that all pictures of the page refer to are defined with it.
pub(super) fn legend(marks: &[Mark], out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"legend\">")?;
    for mark in marks {
        writeln!(
            out,
            "<li><svg width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" aria-hidden=\"true\" focusable=\"false\">\
             {}</svg>{}</li>",
            tile(*mark, 14),
            mark.words
        )?;
    }
    writeln!(out, "</ul>")
}

fn width(days: u64) -> u64 {
    WIDTHS.into_iter().find(|width| days * width <= 760).unwrap_or(3)
}

/// One day's square with its glyph.
fn tile(mark: Mark, width: u64) -> String {
    let (w, middle) = (width - 1, (width - 1) as f64 / 2.0);
    let square =
        format!("<rect class=\"c-{}\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"12\"/>", mark.class, w.max(2) - 1);
    let (left, right) = (middle - middle / 2.0, middle + middle / 2.0);
    let path = |class: &str, d: String| format!("<path class=\"{class}\" d=\"{d}\"/>");
    let glyph = match mark.glyph {
        Glyph::Bar => path("g-none", format!("M{left} 6.5H{right}")),
        Glyph::Cross if width > 3 => path("g-bad", format!("M{left} 4L{right} 9M{left} 9L{right} 4")),
        Glyph::Slash if width > 3 => path("g-bad", format!("M{left} 9L{right} 4")),
        Glyph::Post => path("g-bad", format!("M{middle} 4V9")),
        Glyph::Dot => format!("<circle class=\"g-open\" cx=\"{middle}\" cy=\"6.5\" r=\"{}\"/>", middle / 3.0),
        Glyph::Ring if width > 3 => {
            format!("<circle class=\"g-ring\" cx=\"{middle}\" cy=\"6.5\" r=\"{}\"/>", middle / 2.0)
        }
        _ => String::new(),
    };
    square + &glyph
}

/// Begin a picture that scrolls by itself where the page is narrow, up to its text alternative: the caller writes that,
/// and ends it with `</desc>`. `label` names the region, `title` the picture.
pub(super) fn open(
    id: &str,
    label: &str,
    title: &str,
    (wide, high): (u64, u64),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">\n\
         <svg role=\"img\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" \
         aria-labelledby=\"{id}-t {id}-d\">\n<title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">",
        Esc(label),
        Esc(title)
    )
}

/// Draw the rows. `id` is unique on the page.
pub(super) fn picture(id: &str, title: &str, rows: &[Row<'_>], span: Span, out: &mut dyn io::Write) -> io::Result<()> {
    let width = width(span.days);
    let (wide, high) = (LABEL + span.days * width + 170, AXIS + rows.len() as u64 * ROW);
    open(id, &format!("Chart {id}: {title}"), title, (wide, high), out)?;
    for row in rows {
        write!(out, "{}: {}. ", Esc(row.name), Esc(&row.said))?;
    }
    writeln!(out, "</desc>")?;
    patterns(id, rows, width, out)?;
    let step = (48_u64).div_ceil(width);
    for day in (0..span.days).step_by(usize::try_from(step).unwrap_or(7)) {
        if let Some(date) = shifted(span.from, day) {
            let x = LABEL + day * width;
            writeln!(out, "<text class=\"axis\" x=\"{x}\" y=\"11\">{}</text>", date.format("%m-%d"))?;
        }
    }
    for (at, row) in rows.iter().enumerate() {
        let top = AXIS + at as u64 * ROW;
        writeln!(out, "<text x=\"0\" y=\"{}\">{}</text>", top + 11, label(row.name, 26))?;
        // The group carries the offset, so that patterns start with the first square.
        writeln!(out, "<g transform=\"translate({LABEL} {top})\">")?;
        for stretch in &row.stretches {
            writeln!(
                out,
                "<rect fill=\"url(#{id}-{})\" x=\"{}\" width=\"{}\" height=\"{ROW}\"/>",
                stretch.mark.class,
                stretch.start * width,
                stretch.length * width
            )?;
        }
        writeln!(out, "</g>")?;
        if !row.note.is_empty() {
            let x = LABEL + span.days * width + 8;
            writeln!(out, "<text x=\"{x}\" y=\"{}\">{}</text>", top + 11, Esc(&row.note))?;
        }
    }
    writeln!(out, "</svg></div>")
}

/// Each picture defines what it fills with, so that it can be taken out of the page.
fn patterns(id: &str, rows: &[Row<'_>], width: u64, out: &mut dyn io::Write) -> io::Result<()> {
    let mut marks: Vec<Mark> = Vec::new();
    for stretch in rows.iter().flat_map(|row| &row.stretches) {
        if !marks.iter().any(|mark| mark.class == stretch.mark.class) {
            marks.push(stretch.mark);
        }
    }
    writeln!(out, "<defs>")?;
    for mark in marks {
        writeln!(
            out,
            "<pattern id=\"{id}-{}\" width=\"{width}\" height=\"{ROW}\" patternUnits=\"userSpaceOnUse\">{}</pattern>",
            mark.class,
            tile(mark, width)
        )?;
    }
    writeln!(out, "</defs>")
}

/// The day `offset` days after `from`.
pub(super) fn shifted(from: NaiveDate, offset: u64) -> Option<NaiveDate> {
    from.checked_add_days(Days::new(offset))
}
