//! Single values: from TOML to the type that the description of their key asks for.

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::DeValue;

use super::condition;
use super::diagnostic::{is_hidden, quoted};
use super::read::Reader;
use super::row::{Value, Word};
use super::shape::{Empty, Field, Type};
use super::suggest::{did_you_mean, listed};
use crate::model::kind::Kind;
use crate::model::text::Text;

/// Read a value that is not a table of ours. `None` means that a problem was reported.
pub(super) fn value<'a>(reader: &mut Reader<'_>, field: &Field, value: &Spanned<DeValue<'a>>) -> Option<Value<'a>> {
    match (field.ty, value.get_ref()) {
        (Type::Span, DeValue::String(text)) => span(reader, value, text),
        (Type::Count, DeValue::Integer(number)) => {
            let Ok(count) = u64::from_str_radix(number.as_str(), number.radix()) else {
                let message = format!("{} is not {}", quoted(number.as_str()), field.ty.noun());
                let help = if number.as_str().starts_with('-') {
                    String::new()
                } else {
                    format!("the largest is {}", u64::MAX)
                };
                reader.bad_value(&reader.at(value.span()), message, help);
                return None;
            };
            Some(Value::Count(count))
        }
        (Type::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
        (Type::Date, DeValue::Datetime(stamp)) => date(reader, field, value, stamp),
        (Type::Lines(empty) | Type::Choices(_, empty), DeValue::Array(_)) => words(reader, field, value, empty),
        (Type::Kinds, DeValue::Array(_)) => words(reader, field, value, Empty::Refused),
        (Type::LineOrLines, DeValue::String(_)) => word(reader, field, value).map(|word| Value::Words(vec![word])),
        (Type::LineOrLines, DeValue::Array(_)) => words(reader, field, value, Empty::Refused),
        (Type::Time, DeValue::Datetime(_) | DeValue::String(_)) => instant(reader, field, value),
        (Type::Condition, DeValue::String(_)) => word(reader, field, value)
            .filter(|word| condition::read(word, reader.problems))
            .map(|word| Value::Text(word.text)),
        (Type::Tags, DeValue::Table(_)) => tags(reader, field, value),
        (
            Type::Line | Type::Prose | Type::Id | Type::Name | Type::Zone | Type::Choice(_) | Type::Check,
            DeValue::String(_),
        ) => word(reader, field, value).map(|word| Value::Text(word.text)),
        _ => {
            reader.wrong_type(field, value);
            None
        }
    }
}

fn span<'a>(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, text: &str) -> Option<Value<'a>> {
    let error = match text.parse() {
        Ok(span) => return Some(Value::Span(span)),
        Err(error) => error,
    };
    // The model's message names the text and the remedy in one; here the remedy is the help.
    let message = error.to_string();
    let why = message.rsplit_once("` is not a length of time: ").map_or("", |(_, why)| why).to_owned();
    let message = format!("{} is not a length of time", quoted(text));
    reader.bad_value(&reader.at(value.span()), message, why);
    None
}

fn date<'a>(
    reader: &mut Reader<'_>,
    field: &Field,
    value: &Spanned<DeValue<'_>>,
    stamp: &toml::value::Datetime,
) -> Option<Value<'a>> {
    let at = reader.at(value.span());
    if stamp.time.is_some() || stamp.offset.is_some() {
        let message = format!("`{}` must be a date alone, without a time of day", field.name);
        let help = match stamp.date {
            Some(date) => format!("write `{} = {date}`; the zone is that of the policy", field.name),
            None => format!("write for example `{} = {}`", field.name, field.example),
        };
        reader.bad_value(&at, message, help);
        return None;
    }
    let date =
        stamp.date.and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()));
    if date.is_none() {
        reader.bad_value(&at, format!("{} is not a date", quoted(at.text())), "");
    }
    date.map(Value::Date)
}

/// An instant with its zone, TOML's own or a text.
fn instant<'a>(reader: &mut Reader<'_>, field: &Field, value: &Spanned<DeValue<'_>>) -> Option<Value<'a>> {
    let text = match value.get_ref() {
        DeValue::Datetime(stamp) => stamp.to_string(),
        value => value.as_str().unwrap_or_default().to_owned(),
    };
    let read = chrono::DateTime::parse_from_rfc3339(&text);
    if read.is_err() {
        let message = format!("{} is not an instant with its zone", quoted(&text));
        reader.bad_value(
            &reader.at(value.span()),
            message,
            format!("write for example `{} = {}`", field.name, field.example),
        );
    }
    read.ok().map(|at| Value::Time(at.to_utc()))
}

fn words<'a>(reader: &mut Reader<'_>, field: &Field, value: &Spanned<DeValue<'_>>, empty: Empty) -> Option<Value<'a>> {
    let items = value.get_ref().as_array()?;
    if items.is_empty() && empty == Empty::Refused {
        let message = format!("`{}` is empty", field.name);
        let help = if field.required {
            format!("write for example `{} = {}`", field.name, field.example)
        } else {
            format!("leave `{}` out to say nothing about it", field.name)
        };
        reader.bad_value(&reader.at(value.span()), message, help);
        return None;
    }
    // Each entry is looked at, also after a bad one: all mistakes in one pass.
    let words: Vec<Option<Word>> = items.iter().map(|item| word(reader, field, item)).collect();
    words.into_iter().collect::<Option<Vec<Word>>>().map(Value::Words)
}

fn tags<'a>(reader: &mut Reader<'_>, field: &Field, value: &Spanned<DeValue<'_>>) -> Option<Value<'a>> {
    let table = value.get_ref().as_table()?;
    if table.is_empty() {
        let help = format!("leave `{}` out to say nothing about it", field.name);
        reader.bad_value(&reader.at(value.span()), format!("`{}` is empty", field.name), help);
        return None;
    }
    let mut tags = Vec::new();
    let mut good = true;
    for (key, value) in table {
        let name = key.get_ref();
        if name.is_empty() || name.chars().any(|char| is_hidden(char) || char == '\n') {
            let message = format!("{} cannot be the key of a tag", quoted(name));
            reader.bad_value(&reader.at(key.span()), message, "");
            good = false;
        }
        // The value of a tag may be empty, and a pattern for it too.
        let values = match value.get_ref() {
            DeValue::String(text) => Some(vec![Text::from(&**text)]),
            DeValue::Array(items) if !items.is_empty() => {
                items.iter().map(|item| item.get_ref().as_str().map(Text::from)).collect()
            }
            _ => None,
        };
        match values {
            Some(values) => tags.push((Text::from(&**name), values)),
            None => {
                good = false;
                tag_value(reader, name, value);
            }
        }
    }
    good.then_some(Value::Tags(tags))
}

fn tag_value(reader: &mut Reader<'_>, key: &str, value: &Spanned<DeValue<'_>>) {
    let at = reader.at(value.span());
    let message = format!("the tag {} must have a pattern or a list of patterns", quoted(key));
    let help = match value.get_ref() {
        DeValue::Table(table) => match table.keys().next() {
            Some(inner) => format!("a key with dots stands in quotes: `\"{key}.{}\"`", inner.get_ref()),
            None => String::new(),
        },
        DeValue::Array(_) => format!("write `{key} = \"*\"` for any value"),
        _ => format!("patterns stand in quotes: `{key} = \"{}\"`", at.text()),
    };
    reader.bad_value(&at, message, help);
}

/// Read a text and check it by the type of its key.
fn word(reader: &mut Reader<'_>, field: &Field, value: &Spanned<DeValue<'_>>) -> Option<Word> {
    let at = reader.at(value.span());
    let Some(text) = value.get_ref().as_str() else {
        if matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_)) {
            let message = format!("{} in `{}` must be a text", quoted(at.text()), field.name);
            reader.bad_value(&at, message, format!("write it in quotes: `\"{}\"`", at.text()));
        } else {
            let found = super::read::found(value.get_ref());
            let message = format!("an entry of `{}` must be a text, not {found}", field.name);
            reader.bad_value(&at, message, format!("write for example `{} = {}`", field.name, field.example));
        }
        return None;
    };
    let wrong = wrong(field, text);
    if let Some((message, help)) = wrong {
        reader.bad_value(&at, message, help);
        return None;
    }
    Some(Word { at, text: Text::from(text) })
}

/// What is wrong with a text, and what to do.
fn wrong(field: &Field, text: &str) -> Option<(String, String)> {
    let name = field.name;
    let prose = matches!(field.ty, Type::Prose | Type::Condition);
    if text.trim().is_empty() {
        return Some((format!("`{name}` is empty"), format!("write for example `{name} = {}`", field.example)));
    }
    if text.chars().any(is_hidden) {
        let message = format!("{} holds an invisible character", quoted(text));
        return Some((message, "control and text-direction characters would make reports misleading".to_owned()));
    }
    if !prose && text.contains(['\n', '\t']) {
        return Some((format!("`{name}` must be one line"), "write it without line breaks and tabs".to_owned()));
    }
    let word = |plain: fn(char) -> bool| {
        let starts = text.starts_with(|char: char| char.is_ascii_alphanumeric());
        starts && text.chars().all(plain)
    };
    match field.ty {
        Type::Id => {
            let kebab = word(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-');
            let good = kebab && !text.ends_with('-') && !text.contains("--");
            let message = || format!("{} is not lower-case words joined by `-`", quoted(text));
            (!good).then(|| (message(), kebab_of(text).map(|id| format!("write `{id}`")).unwrap_or_default()))
        }
        Type::Name => {
            let good = word(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-'));
            let message = || format!("{} is not letters, digits, `.`, `_` and `-`", quoted(text));
            (!good).then(|| (message(), format!("write for example `{name} = {}`", field.example)))
        }
        Type::Zone => text.parse::<chrono_tz::Tz>().err().map(|_| {
            let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let help = super::suggest::closest(text, zones).map(|near| format!("did you mean `{near}`?"));
            let usual = || "write for example `Europe/London` or `UTC`".to_owned();
            (format!("{} is not a time zone", quoted(text)), help.unwrap_or_else(usual))
        }),
        Type::Choice(words) | Type::Choices(words, _) => one_of(name, text, words.iter().copied()),
        Type::Kinds if text == "*" => None,
        Type::Kinds => {
            let kinds = Kind::ALL.iter().map(|kind| kind.id());
            let message = format!("{} is not a kind of resource", quoted(text));
            let known = kinds.clone().any(|kind| kind == text);
            (!known).then(|| (message, did_you_mean(text, "the kinds are", kinds)))
        }
        _ => None,
    }
}

fn one_of<'w>(name: &str, text: &str, words: impl Iterator<Item = &'w str> + Clone) -> Option<(String, String)> {
    if words.clone().any(|word| word == text) {
        return None;
    }
    let near = super::suggest::closest(text, words.clone()).map(|near| format!("did you mean `{near}`? "));
    let help = format!("{}the words are {}", near.unwrap_or_default(), listed(words));
    Some((format!("{} is not a word that `{name}` knows", quoted(text)), help))
}

/// The text as an id, if enough of it is left.
fn kebab_of(text: &str) -> Option<String> {
    let plain: String =
        text.chars().map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    Some(words.join("-")).filter(|id| !id.is_empty())
}
