//! From TOML to rows: every key known, every value of its type, every mistake reported.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, quoted};
use super::place::{At, File};
use super::row::{Entry, Loose, LooseEntry, Row, Value};
use super::shape::{Field, Shape, Type};
use super::suggest::{closest, did_you_mean, listed};
use super::typed;
use crate::model::text::Text;

/// Reads one file, or texts of our own such as defaults.
pub(super) struct Reader<'r> {
    /// The file that is read.
    pub(super) file: &'r Arc<File>,
    /// What is wrong with it.
    pub(super) problems: &'r mut Vec<Diagnostic>,
}

/// Errors of syntax that are shown per file; those further on mostly follow from the first.
const MOST_SYNTAX_ERRORS: usize = 20;

/// Read a file. `None` when it is not TOML: what is then missing may stand in the part that could
/// not be read.
pub(super) fn file<'a>(file: &'a Arc<File>, shape: &'static Shape, problems: &mut Vec<Diagnostic>) -> Option<Row<'a>> {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty() {
        problems.extend(errors.iter().take(MOST_SYNTAX_ERRORS).map(|error| syntax(file, error)));
        return None;
    }
    let whole = At::new(file, 0..0);
    Some(Reader { file, problems }.row(shape, table.get_ref(), whole))
}

fn syntax(file: &Arc<File>, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or_default();
    let at = At::new(file, span);
    let message = error.message().lines().next().unwrap_or_default();
    let help = if message.contains("invalid date") || message.contains("datetime") {
        "a date is written without quotes, year first: `2027-01-31`"
    } else if message.contains("duplicate key") {
        "a key may be set once in a table"
    } else if message.contains("string values must be quoted") || message.contains("literal") {
        "texts stand in quotes"
    } else {
        ""
    };
    Diagnostic::error("syntax", message).at(&at, "").help(help)
}

impl Reader<'_> {
    /// A place in the file.
    pub(super) fn at(&self, span: std::ops::Range<usize>) -> At {
        At::new(self.file, span)
    }

    /// Read a table by its description.
    pub(super) fn row<'a>(&mut self, shape: &'static Shape, table: &DeTable<'a>, at: At) -> Row<'a> {
        let mut row = Row { shape, at, entries: Default::default(), spoiled: Default::default() };
        for (key, value) in table {
            let Some(field) = shape.fields.iter().find(|field| field.name == key.get_ref()) else {
                row.spoiled.insert(self.unknown_key(shape, key));
                continue;
            };
            match self.entry(field, value) {
                Some(entry) => _ = row.entries.insert(field.name, entry),
                None => _ = row.spoiled.insert(field.name),
            }
        }
        row
    }

    /// Report a key that nobody knows; the known one that was probably meant, or none.
    fn unknown_key(&mut self, shape: &'static Shape, key: &Spanned<std::borrow::Cow<'_, str>>) -> &'static str {
        let names = shape.fields.iter().map(|field| field.name);
        let message = format!("{} has no key {}", shape.shown(), quoted(key.get_ref()));
        let help = did_you_mean(key.get_ref(), "its keys are", names.clone());
        self.problems
            .push(Diagnostic::error("unknown-key", message).at(&self.at(key.span()), "unknown key").help(help));
        closest(key.get_ref(), names).unwrap_or_default()
    }

    /// Read a value by the description of its key.
    pub(super) fn entry<'a>(&mut self, field: &Field, value: &Spanned<DeValue<'a>>) -> Option<Entry<'a>> {
        let at = self.at(value.span());
        let value = match (field.ty, value.get_ref()) {
            (Type::Table(shape), DeValue::Table(table)) => Value::Row(self.row(shape, table, at.clone())),
            (Type::Tables(shape), DeValue::Array(items)) => Value::Rows(self.rows(field, shape, items)),
            (Type::With, DeValue::Table(table)) => Value::Loose(self.loose(table)),
            (Type::Raw, DeValue::Table(_)) => Value::Raw(value.clone()),
            _ => typed::value(self, field, value)?,
        };
        Some(Entry { at, value })
    }

    fn rows<'a>(&mut self, field: &Field, shape: &'static Shape, items: &[Spanned<DeValue<'a>>]) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => rows.push(self.row(shape, table, self.at(item.span()))),
                _ => self.wrong_type(field, item),
            }
        }
        rows
    }

    fn loose<'a>(&self, table: &DeTable<'a>) -> Loose<'a> {
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'a>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            let entry =
                LooseEntry { key: self.at(key.span()), at: self.at(value.span()), value: value.get_ref().clone() };
            (Text::from(&**name), entry)
        };
        table.iter().map(entry).collect()
    }

    /// Report a value of the wrong type.
    pub(super) fn wrong_type(&mut self, field: &Field, value: &Spanned<DeValue<'_>>) {
        let (name, found) = (field.name, found(value.get_ref()));
        let message = format!("`{name}` must be {}, not {found}", field.ty.noun());
        let help = match field.ty {
            Type::Table(_) if name == "policy" => format!("write `[{name}]`"),
            Type::Tables(_) => format!("write `[[{name}]]`, in double brackets"),
            _ if field.example.is_empty() => String::new(),
            _ => format!("write for example `{name} = {}`", field.example),
        };
        self.problems.push(Diagnostic::error("wrong-type", message).at(&self.at(value.span()), found).help(help));
    }

    /// Report a value of the right type that will not do.
    pub(super) fn bad_value(&mut self, at: &At, message: String, help: impl Into<String>) {
        self.problems.push(Diagnostic::error("bad-value", message).at(at, "").help(help));
    }
}

impl Shape {
    /// Its name in a sentence.
    pub(super) fn shown(&self) -> String {
        if self.name.contains(' ') { self.name.to_owned() } else { format!("`{}`", self.name) }
    }
}

/// What a value is, for people.
pub(super) const fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Report the keys that must be there and are not. After merging: a later layer need not repeat
/// what an earlier one says.
pub(super) fn require(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> bool {
    let missing = |field: &&Field| field.required && !row.has(field.name);
    let (spoiled, missing): (Vec<&Field>, Vec<&Field>) =
        row.shape.fields.iter().filter(missing).partition(|field| row.spoiled.contains(field.name));
    if missing.is_empty() {
        return spoiled.is_empty();
    }
    let name = row.text("id").map(|id| format!(" {}", quoted(id))).unwrap_or_default();
    let names = listed(missing.iter().map(|field| field.name));
    let message = format!("{}{name} lacks {names}", row.shape.shown());
    let examples = missing.iter().map(|field| format!("`{} = {}`", field.name, field.example)).collect::<Vec<_>>();
    let help = format!("write for example {}", examples.join(", "));
    problems.push(Diagnostic::error("missing-key", message).at(row.place("id"), "here").help(help));
    false
}

/// Set what was left out to its default.
pub(super) fn fill(row: &mut Row<'_>) {
    for field in row.shape.fields {
        let Some(default) = field.default.filter(|_| !row.has(field.name)) else { continue };
        if let Some(value) = default_value(field, default) {
            row.entries.insert(field.name, Entry { at: row.at.clone(), value });
        }
    }
}

/// A default from its description; `None` if that is not valid, which a test rules out.
pub(super) fn default_value(field: &Field, default: &'static str) -> Option<Value<'static>> {
    let mut problems = Vec::new();
    let file = File::new("default", default);
    let value = DeValue::parse(default).ok()?;
    Reader { file: &file, problems: &mut problems }.entry(field, &value).map(|entry| entry.value)
}
