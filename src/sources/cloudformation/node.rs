//! A document as it was written: values with the line of each. YAML and JSON give the same nodes.

use std::fmt;

/// A value, and the line on which it begins (from 1).
#[derive(Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) data: Data,
}

/// What stands there. Numbers and booleans stay text: CloudFormation takes `'true'` for `true` and `"35"` for 35.
#[derive(Clone, PartialEq)]
pub(super) enum Data {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: u32,
    pub(super) value: Node,
}

/// Nothing of a template is ever printed by accident: it may hold secrets.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node of line {}", self.line)
    }
}

impl Node {
    pub(super) fn text(line: u32, text: impl Into<String>) -> Self {
        Self { line, data: Data::Text(text.into()) }
    }

    pub(super) fn map(line: u32, key: &str, value: Self) -> Self {
        Self { line, data: Data::Map(vec![Entry { key: key.to_owned(), line, value }]) }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none of anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.data, Data::Map(_))
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The only entry of a map.
    pub(super) fn only(&self) -> Option<&Entry> {
        match self.entries() {
            [one] => Some(one),
            _ => None,
        }
    }
}
