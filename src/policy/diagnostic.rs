//! What is wrong with a policy, where, and how to put it right.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Element, Level as Shown, Origin, Renderer, Snippet, renderer::DecorStyle};
use serde_json::json;

use super::place::{At, File};

/// Something wrong, or doubtful, in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of mistake it is; stable, for machines.
    pub code: &'static str,
    /// Whether the policy can be used all the same.
    pub level: Level,
    /// What is wrong, in a line.
    pub message: String,
    /// Where; the first place is the one to change.
    pub labels: Vec<Label>,
    /// How to put it right.
    pub help: Option<String>,
}

/// Whether a policy with this diagnostic can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It cannot.
    Error,
    /// It can; other tools may see it differently.
    Warning,
}

/// A place and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub at: At,
    /// What stands there; may be empty.
    pub text: String,
}

/// How to draw diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Plain ASCII: for logs, pipes and `NO_COLOR`.
    #[default]
    Plain,
    /// With colour, for a terminal.
    Coloured,
}

impl Level {
    /// The word for it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, level: Level::Error, message: message.into(), labels: Vec::new(), help: None }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(code, message) }
    }

    /// Point at a place.
    #[must_use]
    pub fn at(mut self, at: &At, text: impl Into<String>) -> Self {
        self.labels.push(Label { at: at.clone(), text: text.into() });
        self
    }

    /// Say how to put it right; an empty text says nothing.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into()).filter(|help| !help.is_empty());
        self
    }

    /// The message with the lines it speaks of, as compilers show it.
    pub fn render(&self, style: Style) -> String {
        let level = match self.level {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
        };
        let mut group = level.primary_title(self.message.as_str()).id(self.code).elements(self.snippets());
        if let Some(help) = &self.help {
            group = group.element(Shown::HELP.message(help.as_str()));
        }
        let renderer = match style {
            Style::Plain => Renderer::plain().decor_style(DecorStyle::Ascii),
            Style::Coloured => Renderer::styled().decor_style(DecorStyle::Ascii),
        };
        renderer.render(&[group])
    }

    /// One snippet per file, the file of the first label first.
    fn snippets(&self) -> Vec<Element<'_>> {
        let mut files: Vec<&Arc<File>> = Vec::new();
        for label in &self.labels {
            if !files.iter().any(|file| Arc::ptr_eq(file, &label.at.file)) {
                files.push(&label.at.file);
            }
        }
        files.into_iter().map(|file| self.snippet(file)).collect()
    }

    /// The lines of one file that the labels speak of. Only these go to the renderer: it looks at
    /// every character that it is given, and people do not read lines of kilobytes.
    fn snippet<'s>(&'s self, file: &'s Arc<File>) -> Element<'s> {
        const LONGEST_LINE: usize = 4_096;
        let labels = || self.labels.iter().enumerate().filter(|(_, label)| Arc::ptr_eq(&label.at.file, file));
        let spans = || labels().map(|(_, label)| &label.at.span);
        let start = spans().map(|span| span.start).min().unwrap_or_default();
        let end = spans().map(|span| span.end).max().unwrap_or_default();
        let (line, window) = file.window(&(start..end));
        let text = file.text.get(window.clone()).unwrap_or_default();
        if text.lines().any(|line| line.len() > LONGEST_LINE) {
            let (line, column) = file.position(start);
            return Origin::path(file.name.as_str()).line(line as usize).char_column(column as usize).into();
        }
        let annotations = labels().map(|(index, label)| {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let Range { start, end } = label.at.span;
            let span = start.saturating_sub(window.start)..end.saturating_sub(window.start);
            kind.span(span).label(label.text.as_str())
        });
        Snippet::source(text).line_start(line).path(file.name.as_str()).annotations(annotations).into()
    }

    /// `file:line:column: error[code]: message`, for editors and logs.
    pub fn line(&self) -> String {
        let mut line = String::new();
        if let Some(Label { at, .. }) = self.labels.first() {
            let (row, column) = at.start();
            let _ = write!(line, "{}:{row}:{column}: ", at.file.name);
        }
        let _ = write!(line, "{}[{}]: {}", self.level.id(), self.code, self.message);
        line
    }

    /// The same for machines; bytes are offsets in the file, lines and columns count from 1.
    pub fn json(&self) -> serde_json::Value {
        let labels = self.labels.iter().map(|label| {
            let ((line, column), (end_line, end_column)) = (label.at.start(), label.at.end());
            json!({
                "file": label.at.file.name, "line": line, "column": column, "end_line": end_line,
                "end_column": end_column, "bytes": [label.at.span.start, label.at.span.end], "text": label.text,
            })
        });
        json!({
            "code": self.code, "level": self.level.id(), "message": self.message, "help": self.help,
            "labels": labels.collect::<Vec<_>>(),
        })
    }
}

/// All of them, one under the other.
pub fn render(diagnostics: &[Diagnostic], style: Style) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.render(style) + "\n").collect::<Vec<_>>().join("\n")
}

/// What the user wrote, safe to print: in backticks, without control characters, not too long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).flat_map(printable).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn printable(char: char) -> Vec<char> {
    if is_hidden(char) || char == '\n' || char == '\t' { char.escape_unicode().collect() } else { vec![char] }
}

/// Whether a character is invisible and can change how the text around it looks. Line feed and tab
/// are left to the caller.
pub(super) fn is_hidden(char: char) -> bool {
    let reorders = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    reorders || (char.is_control() && char != '\n' && char != '\t')
}

/// Several words for a sentence, each in backticks.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The known word that was probably meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase().replace('_', "-");
    let limit = 1 + word.chars().count() / 4;
    let distance = |known: &str| strsim::damerau_levenshtein(&folded, &known.to_lowercase().replace('_', "-"));
    let close = known.into_iter().map(|known| (distance(known), known)).filter(|(distance, _)| *distance <= limit);
    close.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Help for an unknown word: the one that was meant, or all there are.
pub(super) fn did_you_mean<'a>(word: &str, what: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match listed(known) {
            list if list.is_empty() => String::new(),
            list => format!("{what} {list}"),
        },
    }
}
