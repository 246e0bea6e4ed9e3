//! The workbook: every population whole, for people who work in a spreadsheet.
//!
//! What people named is written as text and never as a formula or a link; control and reordering characters are
//! written out. Times are real dates in UTC. Equal reports give equal bytes: the workbook is dated by what it says.

mod assessment;
mod period;

use std::borrow::Cow;
use std::io;

use chrono::{Datelike as _, NaiveDate};
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::model::Instant;
use crate::model::gap::Gap;

use super::safe::visible;

pub(super) use assessment::write;
pub(super) use period::write as write_period;

/// Rows of a sheet, the head included: the limit of the file format.
const ROWS: u32 = 1_048_576;
/// Characters of a cell, as the file format counts them (UTF-16).
const CHARACTERS: usize = 32_767;
const CUT: &str = "… (cut: a cell holds no more)";

/// A cell.
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    Number(u64),
    Time(Option<Instant>),
    Day(NaiveDate),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// A workbook that grows sheet by sheet.
pub(super) struct Book {
    workbook: Workbook,
    head: Format,
    text: Format,
    time: Format,
    day: Format,
}

impl Book {
    /// An empty one. `dated` is the date of the document.
    pub(super) fn new(title: &str, dated: Instant) -> Self {
        let mut workbook = Workbook::new();
        let properties =
            DocProperties::new().set_title(shown(title)).set_author("lastgood").set_creation_datetime(&dated);
        workbook.set_properties(&properties);
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            workbook,
            head: top().set_bold().set_background_color(0x00E7_ECF3),
            text: top(),
            time: top().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: top().set_num_format("yyyy-mm-dd"),
        }
    }

    /// Add a sheet with a head, a filter over it and these rows; what does not fit goes on in further sheets.
    /// `columns` are (head, width in characters).
    pub(super) fn sheet<'a, C>(
        &mut self,
        name: &str,
        columns: &[(C, f64)],
        rows: impl IntoIterator<Item = Vec<Cell<'a>>>,
    ) -> io::Result<()>
    where
        C: AsRef<str>,
    {
        let mut rows = rows.into_iter().peekable();
        for part in 1.. {
            let name = if part == 1 { name.to_owned() } else { format!("{name} {part}") };
            self.part(&name, columns, &mut rows).map_err(io::Error::other)?;
            if rows.peek().is_none() {
                break;
            }
        }
        Ok(())
    }

    fn part<'a, C: AsRef<str>>(
        &mut self,
        name: &str,
        columns: &[(C, f64)],
        rows: &mut impl Iterator<Item = Vec<Cell<'a>>>,
    ) -> Result<(), XlsxError> {
        // Rows go to the file as they come: a million of them never stand in memory.
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        for (column, (_, width)) in (0_u16..).zip(columns) {
            sheet.set_column_width(column, *width)?;
        }
        sheet.set_freeze_panes(1, 1)?;
        for (column, (head, _)) in (0_u16..).zip(columns) {
            sheet.write_string_with_format(0, column, shown(head.as_ref()), &self.head)?;
        }
        let mut last = 0;
        for (row, cells) in (1..ROWS).zip(rows) {
            last = row;
            for (column, cell) in (0_u16..).zip(cells) {
                put(sheet, row, column, cell, (&self.text, &self.time, &self.day))?;
            }
        }
        let width = u16::try_from(columns.len()).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, last.max(1), width.saturating_sub(1))?;
        Ok(())
    }

    /// Write it.
    pub(super) fn finish(mut self, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(&self.workbook.save_to_buffer().map_err(io::Error::other)?)
    }
}

/// The columns of a gap, with which both workbooks begin theirs.
const GAP: [(&str, f64); 7] = [
    ("IAM action needed", 40.0),
    ("why", 14.0),
    ("code", 26.0),
    ("account", 14.0),
    ("region", 14.0),
    ("call", 40.0),
    ("resource", 50.0),
];

fn gap(gap: &Gap) -> Vec<Cell<'_>> {
    vec![
        gap.iam_action.as_str().into(),
        gap.status.id().into(),
        gap.code.as_str().into(),
        gap.account.as_str().into(),
        gap.region.as_str().into(),
        gap.call().into(),
        gap.resource.as_deref().unwrap_or("the whole list").into(),
    ]
}

fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: Cell<'_>,
    (text, time, day): (&Format, &Format, &Format),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(words) if words.is_empty() => {}
        Cell::Text(words) => {
            sheet.write_string_with_format(row, column, shown(&words), text)?;
        }
        // Beyond 2^53 a spreadsheet rounds; as text nothing is lost.
        Cell::Number(number) if number > (1 << 53) => {
            sheet.write_string(row, column, number.to_string())?;
        }
        #[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
        Cell::Number(number) => {
            sheet.write_number_with_format(row, column, number as f64, text)?;
        }
        Cell::Time(None) => {}
        // A spreadsheet knows the years from 1900 to 9999.
        Cell::Time(Some(at)) if (1900..=9999).contains(&at.year()) => {
            sheet.write_datetime_with_format(row, column, at.naive_utc(), time)?;
        }
        Cell::Time(Some(at)) => {
            sheet.write_string(row, column, at.to_rfc3339())?;
        }
        Cell::Day(date) if (1900..=9999).contains(&date.year()) => {
            sheet.write_datetime_with_format(row, column, date, day)?;
        }
        Cell::Day(date) => {
            sheet.write_string(row, column, date.to_string())?;
        }
    }
    Ok(())
}

/// Text without characters that act, and not longer than a cell.
fn shown(text: &str) -> String {
    let text = visible(text);
    // What XML cannot hold is written out too.
    let text: String =
        text.chars().map(|c| if matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c }).collect();
    if text.encode_utf16().count() <= CHARACTERS {
        return text;
    }
    let mut room = CHARACTERS - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|c| {
        let needs = c.len_utf16();
        let fits = needs <= room;
        room = room.saturating_sub(needs);
        fits
    });
    kept.collect::<String>() + CUT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        let long = shown(&"🗄".repeat(20_000));
        assert!(long.encode_utf16().count() <= CHARACTERS && long.ends_with(CUT));
        assert_eq!(shown("a\u{1b}b\u{ffff}"), "a\\u{1b}b\u{fffd}");
    }
}
