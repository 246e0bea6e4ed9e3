//! Inventories that people write by hand into tests: what every inventory must have is filled in, and instants may be
//! told from the instant of judgement.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use crate::model::Instant;
use crate::model::inventory::{Inventory, SCHEMA};
use crate::model::log;
use crate::model::span::Span;
use crate::policy::diagnostic::{Diagnostic, quoted};
use crate::policy::place::{At, File};
use crate::policy::row::Raw;
use crate::policy::suggest::did_you_mean;

/// Where things are that do not say it.
const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-2";

/// Lists whose items belong to an account and a region.
const PLACED: [&str; 9] =
    ["resources", "points", "plans", "dlm_policies", "restore_testing", "legal_holds", "activities", "reads", "gaps"];

/// Tables in which text is text, whatever it looks like.
const VERBATIM: [&str; 1] = ["tags"];

/// Read an inventory from the text of a TOML file.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn parse(text: &str, as_of: Instant) -> Result<Inventory, String> {
    let table = DeTable::parse(text).map_err(|error| error.to_string())?;
    let span = table.span();
    let value = Spanned::new(span, DeValue::Table(table.into_inner()));
    made(value, as_of).map_err(|error| error.to_string())
}

/// Put the facts that tests share and those of one test together. What is wrong with them is reported at its place.
pub(super) fn read<'a>(
    shared: Option<&Raw<'a>>,
    own: Option<&Raw<'a>>,
    as_of: Instant,
    file: &Arc<File>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Inventory> {
    let table = |raw: Option<&Raw<'a>>| raw.and_then(|raw| raw.get_ref().as_table().cloned()).unwrap_or_default();
    let mut whole = table(shared);
    for (key, value) in table(own) {
        let known = whole.get_mut(&**key.get_ref()).map(Spanned::get_mut);
        if let (Some(DeValue::Array(known)), DeValue::Array(more)) = (known, value.get_ref()) {
            more.iter().for_each(|item| known.push(item.clone()));
        } else {
            whole.insert(key, value);
        }
    }
    let span = own.or(shared).map(Spanned::span).unwrap_or_default();
    match made(Spanned::new(span.clone(), DeValue::Table(whole)), as_of) {
        Ok(inventory) => Some(inventory),
        Err(error) => {
            problems.push(wrong(&error, &At::new(file, error.span().unwrap_or(span))));
            None
        }
    }
}

fn made(mut value: Spanned<DeValue<'_>>, as_of: Instant) -> Result<Inventory, toml::de::Error> {
    settle(value.get_mut(), as_of);
    if let DeValue::Table(table) = value.get_mut() {
        for (key, text) in [("schema", SCHEMA), ("source", "test"), ("captured_at", &instant(as_of))] {
            set(table, key, string(text));
        }
        let one = |text: &str| DeValue::Array(DeArray::from_iter([Spanned::new(0..0, string(text))]));
        set(table, "accounts", one(ACCOUNT));
        set(table, "regions", one(REGION));
        for list in PLACED {
            let Some(DeValue::Array(items)) = table.get_mut(list).map(Spanned::get_mut) else { continue };
            for item in items.iter_mut() {
                if let DeValue::Table(item) = item.get_mut() {
                    let (account, region) = place(item);
                    set(item, "account", string(&account));
                    set(item, "region", string(&region));
                }
            }
        }
    }
    let mut inventory = Inventory::deserialize(ValueDeserializer::from(value))?;
    inventory.sort();
    Ok(inventory)
}

/// Where something is: as its ARN says, among the logs if it is of them, or else the usual place.
fn place(item: &DeTable<'_>) -> (String, String) {
    let text = |key: &str| item.get(key).and_then(|value| value.get_ref().as_str()).unwrap_or_default();
    let call = text("call");
    let service = if call.is_empty() { text("service") } else { call.split(':').next().unwrap_or_default() };
    let is_declared = text("arn").starts_with("component:")
        || (text("arn").is_empty() && text("resource").starts_with("component:"))
        || text("source") == "log"
        || ["log", "applications", "attestations"].contains(&service);
    if is_declared {
        return (log::ACCOUNT.to_owned(), log::REGION.to_owned());
    }
    let mut parts = text("arn").split(':').skip(3).map(str::to_owned);
    let mut part = |usual: &str| parts.next().filter(|part| !part.is_empty()).unwrap_or_else(|| usual.to_owned());
    let region = part(if call == "s3:ListBuckets" { "global" } else { REGION });
    (part(ACCOUNT), region)
}

/// Set what is not set.
fn set<'a>(table: &mut DeTable<'a>, key: &'static str, value: DeValue<'a>) {
    if !table.contains_key(key) {
        table.insert(Spanned::new(0..0, Cow::Borrowed(key)), Spanned::new(0..0, value));
    }
}

fn string<'a>(text: &str) -> DeValue<'a> {
    DeValue::String(Cow::Owned(text.to_owned()))
}

fn instant(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// Write instants as inventories have them: `now-26h`, and TOML's own dates and times.
fn settle(value: &mut DeValue<'_>, as_of: Instant) {
    let settled = match value {
        DeValue::String(text) => relative(text, as_of).map(instant),
        DeValue::Datetime(stamp) => Some(stamp.to_string()),
        DeValue::Array(items) => {
            items.iter_mut().for_each(|item| settle(item.get_mut(), as_of));
            None
        }
        DeValue::Table(table) => {
            for (key, value) in table.iter_mut() {
                if !VERBATIM.contains(&&**key.get_ref()) {
                    settle(value.get_mut(), as_of);
                }
            }
            None
        }
        _ => None,
    };
    if let Some(text) = settled {
        *value = string(&text);
    }
}

/// `now`, `now-26h`, `now+35d`.
fn relative(text: &str, as_of: Instant) -> Option<Instant> {
    let rest = text.strip_prefix("now")?;
    if rest.is_empty() {
        return Some(as_of);
    }
    let (sign, length) = rest.split_at_checked(1)?;
    let length: Span = length.parse().ok()?;
    match sign {
        "-" => as_of.checked_sub_signed(length.delta()),
        "+" => as_of.checked_add_signed(length.delta()),
        _ => None,
    }
}

/// What the reader of instants says of texts that are none.
const INSTANTS: [&str; 4] =
    ["input contains invalid characters", "premature end of input", "input is out of range", "trailing input"];

/// The message of a reader of saved inventories, for people who write one.
fn wrong(error: &toml::de::Error, at: &At) -> Diagnostic {
    let message = error.message().lines().next().unwrap_or_default();
    let mut names = message.split('`').skip(1).step_by(2);
    let first = names.next().unwrap_or_default();
    let known: Vec<&str> = names.collect();
    let (message, help) = if message.starts_with("unknown field") {
        (format!("an inventory has no key {} here", quoted(first)), did_you_mean(first, "its keys are", known))
    } else if message.starts_with("unknown variant") {
        (
            format!("{} is not a word that an inventory knows here", quoted(first)),
            did_you_mean(first, "the words are", known),
        )
    } else if message.starts_with("missing field") {
        (format!("{} is missing", quoted(first)), String::new())
    } else if INSTANTS.contains(&message) {
        (
            format!("{} is not an instant", quoted(at.text())),
            "write for example `now-26h` or `2026-11-22T00:00:00Z`".to_owned(),
        )
    } else {
        (message.to_owned(), "`docs/schemas/inventory.schema.json` describes inventories".to_owned())
    };
    Diagnostic::error("bad-inventory", message).at(at, "").help(help)
}
