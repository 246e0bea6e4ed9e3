//! Parameters of checks: one declaration from which validation, defaults, documentation and the
//! editor schema all follow.

use std::collections::BTreeMap;

use crate::model::{span::Span, text::Text};

/// A declared parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name in `with`.
    pub name: &'static str,
    /// What it may hold.
    pub ty: ParamType,
    /// What holds when it is left out, written as in TOML; `None` means it may stay absent.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub required: bool,
    /// What it means, in a sentence.
    pub docs: &'static str,
}

/// What a parameter may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// A length of time, `"35d"`.
    Span,
    /// A whole number, 0 or more.
    Count,
    /// `true` or `false`.
    Flag,
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of these words.
    Choices(&'static [&'static str]),
    /// A condition in the language of the check `condition`.
    Condition,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A length of time.
    Span(Span),
    /// A whole number.
    Count(u64),
    /// A flag.
    Flag(bool),
    /// A text or word.
    Text(Text),
    /// A list of texts or words.
    Texts(Vec<Text>),
}

/// Valid parameters by name, defaults filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(BTreeMap<&'static str, Arg>);

/// Parameters that are valid alone and not together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParamError {
    /// The parameter to point at.
    pub param: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub help: String,
}

impl Args {
    /// Set a parameter.
    pub fn set(&mut self, name: &'static str, value: Arg) {
        self.0.insert(name, value);
    }

    /// Whether it is set, by the user or by default.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Arg)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// A length of time, if set.
    pub fn span(&self, name: &str) -> Option<Span> {
        match self.0.get(name) {
            Some(Arg::Span(span)) => Some(*span),
            _ => None,
        }
    }

    /// A whole number, if set.
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.0.get(name) {
            Some(Arg::Count(count)) => Some(*count),
            _ => None,
        }
    }

    /// A flag; `false` if not set.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Arg::Flag(true)))
    }

    /// A text or word, if set.
    pub fn text(&self, name: &str) -> Option<&Text> {
        match self.0.get(name) {
            Some(Arg::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A list; empty if not set.
    pub fn texts(&self, name: &str) -> &[Text] {
        match self.0.get(name) {
            Some(Arg::Texts(texts)) => texts,
            _ => &[],
        }
    }
}

impl ParamError {
    /// An error that points at one parameter.
    pub fn new(param: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { param, message: message.into(), help: help.into() }
    }
}
