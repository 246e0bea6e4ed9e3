//! Lines on a terminal. Every text passes through here, and is made harmless here.

use std::io;

use crate::model::outcome::Outcome;

use super::super::RenderOptions;
use super::super::safe::visible;
use super::wrap::{columns, middle, wrap};

/// Prose is not set wider than this: longer lines are hard to follow.
const PROSE: usize = 120;

/// How a word stands out, where colours are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Tone {
    Plain,
    Strong,
    Good,
    Bad,
    Unsure,
    Excused,
}

impl Tone {
    pub(in super::super) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fail => Self::Bad,
            Outcome::Unknown => Self::Unsure,
            Outcome::Waived => Self::Excused,
            Outcome::Pass => Self::Good,
            Outcome::NotApplicable => Self::Plain,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Good => "32",
            Self::Bad => "1;31",
            Self::Unsure => "1;33",
            Self::Excused => "35",
        }
    }
}

/// The sheet that is written on.
pub(in super::super) struct Page<'w> {
    out: &'w mut dyn io::Write,
    pub(in super::super) width: usize,
    colour: bool,
}

impl<'w> Page<'w> {
    pub(in super::super) fn new(out: &'w mut dyn io::Write, options: &RenderOptions) -> Self {
        Self { out, width: usize::from(options.width.max(RenderOptions::NARROWEST)), colour: options.colour }
    }

    pub(in super::super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A heading after an empty line.
    pub(in super::super) fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        writeln!(self.out, "{}", self.paint(Tone::Strong, text))?;
        writeln!(self.out, "{}", "─".repeat(columns(text)))
    }

    /// A paragraph.
    pub(in super::super) fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.hang(indent, Tone::Plain, "", text, indent + 2)
    }

    /// A name and its value.
    pub(in super::super) fn field(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.hang(2, Tone::Plain, &format!("{name:<8}"), value, 11)
    }

    /// A tag that stands out, and what it is about; further lines are indented beneath.
    pub(in super::super) fn item(&mut self, indent: usize, tone: Tone, tag: &str, text: &str) -> io::Result<()> {
        let below = if tag.ends_with(' ') { indent + columns(tag) + 1 } else { indent + 2 };
        self.hang(indent, tone, tag, text, below)
    }

    /// An id on one line, shortened in the middle where it has to be.
    pub(in super::super) fn identifier(&mut self, indent: usize, id: &str) -> io::Result<()> {
        writeln!(self.out, "{:indent$}{}", "", middle(&visible(id), self.width.saturating_sub(indent)))
    }

    /// A line of the clause table, as it was laid out. The status stands before five numbers.
    pub(in super::super) fn row(&mut self, line: &str) -> io::Result<()> {
        if !self.colour {
            return writeln!(self.out, "{line}");
        }
        for outcome in Outcome::ALL {
            let word = super::label(outcome);
            let is_status = |rest: &str| {
                rest.split_whitespace().count() == 5 && rest.split_whitespace().all(|cell| cell.parse::<u64>().is_ok())
            };
            if let Some((before, after)) = line.rsplit_once(&format!(" {word} "))
                && is_status(after)
            {
                return writeln!(self.out, "{before} {} {after}", self.paint(Tone::of(outcome), word));
            }
        }
        writeln!(self.out, "{line}")
    }

    fn hang(&mut self, indent: usize, tone: Tone, tag: &str, text: &str, below: usize) -> io::Result<()> {
        let width = self.width.min(PROSE);
        let (tag, text) = (visible(tag), visible(text));
        let gap = usize::from(!tag.is_empty() && !text.is_empty());
        let taken = indent + columns(&tag) + gap;
        let mut lines = Vec::new();
        if tag.is_empty() || taken + 20 <= width {
            let mut texts = wrap(&text, width.saturating_sub(taken), width.saturating_sub(below)).into_iter();
            let first = texts.next().unwrap_or_default();
            lines.push(format!("{:indent$}{}{:gap$}{first}", "", self.paint(tone, &tag), ""));
            lines.extend(texts.map(|line| format!("{:below$}{line}", "")));
        } else {
            let room = width.saturating_sub(indent);
            lines.extend(wrap(&tag, room, room).iter().map(|tag| format!("{:indent$}{}", "", self.paint(tone, tag))));
            let room = width.saturating_sub(below);
            lines.extend(wrap(&text, room, room).iter().map(|line| format!("{:below$}{line}", "")));
        }
        lines.iter().try_for_each(|line| writeln!(self.out, "{}", line.trim_end()))
    }

    fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.colour || tone == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code())
    }
}
