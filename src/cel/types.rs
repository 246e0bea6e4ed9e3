//! What an expression can speak of: types, records of facts, and how facts are asked for.

use std::fmt;

use super::value::Value;
use crate::model::judgement::Evidence;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A number with a fraction.
    Double,
    /// A text.
    Text,
    /// One of these words: a text that is compared with no other.
    Word(&'static [&'static str]),
    /// An instant.
    Time,
    /// A length of time.
    Span,
    /// A list of one type.
    List(Box<Type>),
    /// Texts to values of one type.
    Map(Box<Type>),
    /// A record of facts.
    Record(&'static Record),
    /// The items of `[]`: of every type.
    Any,
}

/// The type of a declared fact.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An instant.
    Time,
    /// A length of time.
    Span,
    /// A list of texts.
    Texts,
    /// Texts by key.
    Tags,
    /// Switches by key.
    Switches,
    /// A record.
    Record(&'static Record),
    /// A list of records.
    Records(&'static Record),
}

/// A declared fact.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// What it means, in a sentence, with the kinds that have it.
    pub docs: &'static str,
}

/// Facts that belong together. The variables of an expression are the fields of one, too.
#[derive(Debug)]
pub struct Record {
    /// Its name in messages and documents.
    pub name: &'static str,
    /// What it describes.
    pub docs: &'static str,
    /// Its facts.
    pub fields: &'static [Field],
}

/// The answer to the question for a fact.
#[derive(Clone, Debug)]
pub enum Got<'a> {
    /// It was read, and this is it.
    Known(Value<'a>),
    /// It was read, and there is none.
    Absent,
    /// Things of this kind have no such fact.
    Foreign,
    /// Nobody read it; this call would have.
    Unread(&'static str),
}

/// Something whose facts can be asked for.
pub trait Facts {
    /// The fact at this place of its [`Record`].
    fn fact(&self, field: usize) -> Got<'_>;

    /// The object itself, where one of many is to be shown.
    fn evidence(&self) -> Option<Evidence> {
        None
    }
}

/// A record in an evaluation, with the name that it is shown by.
#[derive(Clone, Copy)]
pub struct Handle<'a> {
    /// What it is.
    pub record: &'static Record,
    /// Its facts.
    pub facts: &'a dyn Facts,
    /// How an expression names it, or the list that it stands in.
    pub name: &'static str,
    /// Its place in that list.
    pub index: Option<usize>,
}

impl fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.name, self.index)
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Record {
    /// The place and description of a field.
    pub(super) fn field(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.name).collect()
    }
}

impl Shape {
    /// The type that it is in an expression.
    pub fn ty(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Text => Type::Text,
            Self::Word(words) => Type::Word(words),
            Self::Time => Type::Time,
            Self::Span => Type::Span,
            Self::Texts => Type::List(Box::new(Type::Text)),
            Self::Tags => Type::Map(Box::new(Type::Text)),
            Self::Switches => Type::Map(Box::new(Type::Bool)),
            Self::Record(record) => Type::Record(record),
            Self::Records(record) => Type::List(Box::new(Type::Record(record))),
        }
    }
}

impl Type {
    /// The type of both, if they can stand in one list or on both sides of `?:`.
    pub(super) fn join(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, known) | (known, Self::Any) => Some(known.clone()),
            (Self::Word(_), Self::Text) | (Self::Text, Self::Word(_)) => Some(Self::Text),
            (Self::Word(one), Self::Word(two)) if one != two => Some(Self::Text),
            (Self::List(one), Self::List(two)) => one.join(two).map(|item| Self::List(Box::new(item))),
            (Self::Map(one), Self::Map(two)) => one.join(two).map(|item| Self::Map(Box::new(item))),
            _ => (self == other).then(|| self.clone()),
        }
    }

    pub(super) const fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }

    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Word(_))
    }

    /// Whether it is or holds a record, which no operator compares.
    pub(super) fn has_record(&self) -> bool {
        match self {
            Self::Record(_) => true,
            Self::List(item) | Self::Map(item) => item.has_record(),
            _ => false,
        }
    }
}

/// As CEL names types.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Double => f.write_str("double"),
            Self::Text | Self::Word(_) => f.write_str("string"),
            Self::Time => f.write_str("timestamp"),
            Self::Span => f.write_str("duration"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(item) => write!(f, "map(string, {item})"),
            Self::Record(record) => f.write_str(record.name),
            Self::Any => f.write_str("any"),
        }
    }
}
