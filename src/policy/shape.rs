//! How a table of a policy is described, once: validation, defaults, the editor schema and the
//! reference all follow from it.

use crate::checks::{Param, ParamType};

/// A table.
#[derive(Debug)]
pub struct Shape {
    /// Its name as the user sees it, such as `[[rule]]`.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub docs: &'static str,
    /// Its keys, in the order of the reference.
    pub fields: &'static [Field],
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
    /// What holds when it is left out, written as in TOML.
    pub default: Option<&'static str>,
    /// A value for help and reference, written as in TOML.
    pub example: &'static str,
    /// What it means, in a sentence.
    pub docs: &'static str,
}

/// What a key may hold.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// One line of text, not empty.
    Line,
    /// Text of one or more lines, not empty.
    Prose,
    /// A name of lower-case words joined by `-`.
    Id,
    /// A name of letters, digits, `.`, `_` and `-`.
    Name,
    /// A name of the IANA time zone database.
    Zone,
    /// A length of time.
    Span,
    /// A whole number, 0 or more.
    Count,
    /// `true` or `false`.
    Flag,
    /// A calendar date.
    Date,
    /// An instant.
    Time,
    /// A table that somebody else describes.
    Raw,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An expression of the check `condition`.
    Condition,
    /// A list of lines.
    Lines(Empty),
    /// A list of these words.
    Choices(&'static [&'static str], Empty),
    /// A line or a list of lines.
    LineOrLines,
    /// A list of kinds of resources, or `*`.
    Kinds,
    /// The name of a check.
    Check,
    /// The parameters of a check.
    With,
    /// Tag keys, each with a pattern or a list of patterns for the value.
    Tags,
    /// A table.
    Table(&'static Shape),
    /// A list of tables.
    Tables(&'static Shape),
}

/// Whether a list may have nothing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// It may.
    Allowed,
    /// It may not: leaving the key out says the same without doubt.
    Refused,
}

impl Field {
    /// A key that may be left out.
    pub(super) const fn new(name: &'static str, ty: Type, example: &'static str, docs: &'static str) -> Self {
        Self { name, ty, required: false, default: None, example, docs }
    }

    /// It must be there.
    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// What holds without it.
    pub(super) const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }
}

impl Type {
    /// What it is called in messages.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Condition => "a condition in quotes",
            Self::Line | Self::Prose | Self::Id | Self::Name | Self::Zone | Self::Choice(_) | Self::Check => "a text",
            Self::Span => "a length of time in quotes",
            Self::Count => "a whole number, 0 or more",
            Self::Flag => "`true` or `false`",
            Self::Time => "an instant",
            Self::Date => "a date without quotes",
            Self::Lines(_) | Self::Choices(..) | Self::Kinds => "a list of texts",
            Self::LineOrLines => "a text or a list of texts",
            Self::With | Self::Raw | Self::Tags | Self::Table(_) => "a table",
            Self::Tables(_) => "a list of tables",
        }
    }
}

impl From<&Param> for Field {
    /// The parameters of checks are described in the same way.
    fn from(param: &Param) -> Self {
        let (ty, example) = match param.ty {
            ParamType::Span => (Type::Span, "\"1d\""),
            ParamType::Count => (Type::Count, "1"),
            ParamType::Flag => (Type::Flag, "true"),
            ParamType::Text => (Type::Line, "\"…\""),
            ParamType::Choice(words) => (Type::Choice(words), ""),
            ParamType::Texts => (Type::Lines(Empty::Allowed), "[\"…\"]"),
            ParamType::Choices(words) => (Type::Choices(words, Empty::Allowed), ""),
            ParamType::Condition => (Type::Condition, "\"resource.encrypted\""),
        };
        let Param { name, default, required, docs, .. } = *param;
        Self { name, ty, required, default, example: default.unwrap_or(example), docs }
    }
}
