//! A table of a policy after reading: values of the right type, each with its place.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::DeValue;

use super::place::At;
use super::shape::Shape;
use crate::model::Instant;
use crate::model::span::Span;
use crate::model::text::Text;

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    /// What it is.
    pub(super) shape: &'static Shape,
    /// Its header, or the braces.
    pub(super) at: At,
    /// What is set in it.
    pub(super) entries: BTreeMap<&'static str, Entry<'a>>,
    /// Keys that somebody meant to set and got wrong: that was reported, and they are not missing.
    pub(super) spoiled: BTreeSet<&'static str>,
}

/// A key that is set.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    /// Where its value stands.
    pub(super) at: At,
    /// Its value.
    pub(super) value: Value<'a>,
}

/// A text with its place.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) at: At,
    pub(super) text: Text,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Text(Text),
    Span(Span),
    Count(u64),
    Flag(bool),
    Date(NaiveDate),
    Words(Vec<Word>),
    Tags(Vec<(Text, Vec<Text>)>),
    Row(Row<'a>),
    Rows(Vec<Row<'a>>),
    Loose(Loose<'a>),
    Time(Instant),
    Raw(Raw<'a>),
}

/// A table that is not one of ours, as it stands there.
pub(super) type Raw<'a> = Spanned<DeValue<'a>>;

/// Parameters before their check is known, by name.
pub(super) type Loose<'a> = BTreeMap<Text, LooseEntry<'a>>;

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct LooseEntry<'a> {
    /// Where its name stands.
    pub(super) key: At,
    /// Where its value stands.
    pub(super) at: At,
    /// Its value as TOML.
    pub(super) value: DeValue<'a>,
}

impl<'a> Row<'a> {
    /// The place of a key's value; that of the table where the key is not set.
    pub(super) fn place(&self, key: &str) -> &At {
        self.entries.get(key).map_or(&self.at, |entry| &entry.at)
    }

    fn value(&self, key: &str) -> Option<&Value<'a>> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&Text> {
        match self.value(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A text with its place.
    pub(super) fn word(&self, key: &str) -> Option<Word> {
        self.text(key).map(|text| Word { at: self.place(key).clone(), text: text.clone() })
    }

    pub(super) fn span(&self, key: &str) -> Option<Span> {
        match self.value(key) {
            Some(Value::Span(span)) => Some(*span),
            _ => None,
        }
    }

    pub(super) fn count(&self, key: &str) -> Option<u64> {
        match self.value(key) {
            Some(Value::Count(count)) => Some(*count),
            _ => None,
        }
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        matches!(self.value(key), Some(Value::Flag(true)))
    }

    pub(super) fn date(&self, key: &str) -> Option<NaiveDate> {
        match self.value(key) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    pub(super) fn words(&self, key: &str) -> &[Word] {
        match self.value(key) {
            Some(Value::Words(words)) => words,
            _ => &[],
        }
    }

    /// A list of texts without their places.
    pub(super) fn texts(&self, key: &str) -> Vec<Text> {
        self.words(key).iter().map(|word| word.text.clone()).collect()
    }

    pub(super) fn tags(&self, key: &str) -> &[(Text, Vec<Text>)] {
        match self.value(key) {
            Some(Value::Tags(tags)) => tags,
            _ => &[],
        }
    }

    pub(super) fn row(&self, key: &str) -> Option<&Row<'a>> {
        match self.value(key) {
            Some(Value::Row(row)) => Some(row),
            _ => None,
        }
    }

    pub(super) fn rows(&self, key: &str) -> &[Row<'a>] {
        match self.value(key) {
            Some(Value::Rows(rows)) => rows,
            _ => &[],
        }
    }

    pub(super) fn loose(&self, key: &str) -> Option<&Loose<'a>> {
        match self.value(key) {
            Some(Value::Loose(loose)) => Some(loose),
            _ => None,
        }
    }

    pub(super) fn time(&self, key: &str) -> Option<Instant> {
        match self.value(key) {
            Some(Value::Time(at)) => Some(*at),
            _ => None,
        }
    }

    pub(super) fn raw(&self, key: &str) -> Option<&Raw<'a>> {
        match self.value(key) {
            Some(Value::Raw(raw)) => Some(raw),
            _ => None,
        }
    }

    /// Change it by a later row of the same shape: key by key, parameters also key by key, unless
    /// the check is another one, whose parameters have nothing to do with the old.
    pub(super) fn change_by(&mut self, later: &Self) {
        let same_check = later.text("check").is_none() || later.text("check") == self.text("check");
        if !same_check {
            self.entries.remove("with");
        }
        for (key, entry) in &later.entries {
            match (self.entries.get_mut(key).map(|known| &mut known.value), &entry.value) {
                (Some(Value::Loose(known)), Value::Loose(changes)) => {
                    known.extend(changes.iter().map(|(name, change)| (name.clone(), change.clone())));
                }
                _ => {
                    self.entries.insert(key, entry.clone());
                }
            }
        }
        self.spoiled.extend(&later.spoiled);
        self.at = later.at.clone();
    }
}
