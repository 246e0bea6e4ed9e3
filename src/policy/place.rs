//! Files of a policy, and places in them.

use std::ops::Range;
use std::sync::Arc;

use crate::model::assessment::PolicyAt;
use crate::model::text::Text;

/// A policy file as it was read: reading is not the policy's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name for people, usually the path as the user wrote it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A file whose lines are known.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Its name for people.
    pub name: Text,
    /// Its text.
    pub text: String,
    /// Where each line starts.
    lines: Vec<usize>,
}

/// A stretch of text in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct At {
    /// The file.
    pub file: Arc<File>,
    /// The bytes, never beyond the end of the file and never inside a character.
    pub span: Range<usize>,
}

impl std::fmt::Debug for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.start();
        write!(f, "{}:{line}:{column}", self.file.name)
    }
}

impl File {
    /// A file ready to be pointed at.
    pub fn new(name: &str, text: &str) -> Arc<Self> {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Arc::new(Self { name: Text::from(name), text: text.to_owned(), lines })
    }

    /// The whole lines that hold these bytes, and the number of the first.
    pub(super) fn window(&self, span: &Range<usize>) -> (usize, Range<usize>) {
        let first = self.lines.partition_point(|start| *start <= span.start).max(1);
        let after = self.lines.partition_point(|start| *start <= span.end);
        let start = self.lines.get(first - 1).copied().unwrap_or_default();
        (first, start..self.lines.get(after).copied().unwrap_or(self.text.len()))
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn position(&self, byte: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..byte).map_or(0, |before| before.chars().count());
        (number(line), number(column).saturating_add(1))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl At {
    /// A place; a span that does not fit the text is moved to the nearest one that does.
    pub fn new(file: &Arc<File>, span: Range<usize>) -> Self {
        let fit = |byte: usize| {
            let byte = byte.min(file.text.len());
            (0..=byte).rev().find(|byte| file.text.is_char_boundary(*byte)).unwrap_or_default()
        };
        let start = fit(span.start);
        Self { file: Arc::clone(file), span: start..fit(span.end).max(start) }
    }

    /// Line and column of its first character.
    pub fn start(&self) -> (u32, u32) {
        self.file.position(self.span.start)
    }

    /// Line and column behind its last character.
    pub fn end(&self) -> (u32, u32) {
        self.file.position(self.span.end)
    }

    /// The text that stands there.
    pub fn text(&self) -> &str {
        self.file.text.get(self.span.clone()).unwrap_or_default()
    }

    /// File and line, as assessments carry it.
    pub fn policy_at(&self) -> PolicyAt {
        PolicyAt { file: self.file.name.clone(), line: self.start().0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let file = File::new("p.toml", "a = 1\nname = \"é\" # x\n");
        assert_eq!(At::new(&file, 0..1).start(), (1, 1));
        assert_eq!(At::new(&file, 13..17).start(), (2, 8));
        assert_eq!(At::new(&file, 13..17).end(), (2, 11));
        assert_eq!(At::new(&file, 13..17).text(), "\"é\"");
    }

    #[test]
    fn a_span_outside_the_text_is_moved_into_it() {
        let file = File::new("p.toml", "é");
        assert_eq!(At::new(&file, 1..9).span, 0..2);
        assert_eq!(At::new(&file, 5..3).span, 2..2);
    }
}
