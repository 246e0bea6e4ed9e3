//! Values of expressions, and the arithmetic that can go wrong.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use chrono::TimeDelta;

use super::types::Handle;
use crate::model::Instant;
use crate::model::span::Span;

/// A value.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Double(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// An instant.
    Time(Instant),
    /// A length of time.
    Span(TimeDelta),
    /// A list.
    List(List<'a>),
    /// Values by text.
    Map(Rc<BTreeMap<Cow<'a, str>, Value<'a>>>),
    /// A record of facts.
    Record(Handle<'a>),
}

/// A list, perhaps not read to its end.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// What is known of it.
    pub items: Rc<[Value<'a>]>,
    /// Where there may be more: how the list is named, and the call that would tell.
    pub rest: Option<(&'static str, &'static str)>,
}

impl<'a> Value<'a> {
    /// A borrowed text.
    pub fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// A whole number; what has no room in 64 bits with a sign is the largest.
    pub fn int(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A complete list.
    pub fn list(items: impl IntoIterator<Item = Value<'a>>) -> Self {
        Self::List(List { items: items.into_iter().collect(), rest: None })
    }

    /// Values by text.
    pub fn map(entries: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Self {
        Self::Map(Rc::new(entries.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect()))
    }

    /// Which of two is the greater; `None` for what has no order.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(one), Self::Int(two)) => Some(one.cmp(two)),
            (Self::Double(one), Self::Double(two)) => one.partial_cmp(two),
            (Self::Int(one), Self::Double(two)) => mixed(*one, *two),
            (Self::Double(one), Self::Int(two)) => mixed(*two, *one).map(Ordering::reverse),
            (Self::Text(one), Self::Text(two)) => Some(one.cmp(two)),
            (Self::Time(one), Self::Time(two)) => Some(one.cmp(two)),
            (Self::Span(one), Self::Span(two)) => Some(one.cmp(two)),
            (Self::Bool(one), Self::Bool(two)) => Some(one.cmp(two)),
            _ => None,
        }
    }

    /// How many pieces it is made of, for the price of copying and comparing it.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Text(text) => 1 + text.len() as u64 / 16,
            Self::List(list) => 1 + list.items.len() as u64,
            Self::Map(map) => 1 + map.len() as u64,
            _ => 1,
        }
    }

    /// `+`, `-`, `*`, `/`, `%`. The error is what went wrong, for the reason of a verdict.
    pub(super) fn arithmetic(&self, sign: &str, other: &Self) -> Result<Value<'a>, &'static str> {
        const TOO_LARGE: &str = "the result is too large";
        Ok(match (sign, self, other) {
            ("/" | "%", Self::Int(_), Self::Int(0)) => return Err("division by zero"),
            ("+", Self::Int(one), Self::Int(two)) => Self::Int(one.checked_add(*two).ok_or(TOO_LARGE)?),
            ("-", Self::Int(one), Self::Int(two)) => Self::Int(one.checked_sub(*two).ok_or(TOO_LARGE)?),
            ("*", Self::Int(one), Self::Int(two)) => Self::Int(one.checked_mul(*two).ok_or(TOO_LARGE)?),
            ("/", Self::Int(one), Self::Int(two)) => Self::Int(one.checked_div(*two).ok_or(TOO_LARGE)?),
            ("%", Self::Int(one), Self::Int(two)) => Self::Int(one.checked_rem(*two).ok_or(TOO_LARGE)?),
            ("+", Self::Double(one), Self::Double(two)) => Self::Double(one + two),
            ("-", Self::Double(one), Self::Double(two)) => Self::Double(one - two),
            ("*", Self::Double(one), Self::Double(two)) => Self::Double(one * two),
            ("/", Self::Double(one), Self::Double(two)) => Self::Double(one / two),
            ("+", Self::Text(one), Self::Text(two)) => Self::Text(Cow::Owned(format!("{one}{two}"))),
            ("+", Self::Span(one), Self::Span(two)) => Self::Span(one.checked_add(two).ok_or(TOO_LARGE)?),
            ("-", Self::Span(one), Self::Span(two)) => Self::Span(one.checked_sub(two).ok_or(TOO_LARGE)?),
            ("+", Self::Time(at), Self::Span(span)) | ("+", Self::Span(span), Self::Time(at)) => {
                Self::Time(at.checked_add_signed(*span).ok_or(TOO_LARGE)?)
            }
            ("-", Self::Time(at), Self::Span(span)) => Self::Time(at.checked_sub_signed(*span).ok_or(TOO_LARGE)?),
            ("-", Self::Time(one), Self::Time(two)) => Self::Span(one.signed_duration_since(*two)),
            ("+", Self::List(one), Self::List(two)) => Self::List(List {
                items: one.items.iter().chain(two.items.iter()).cloned().collect(),
                rest: one.rest.or(two.rest),
            }),
            _ => return Err("these have no such operation"),
        })
    }
}

/// The exact order of a whole number and one with a fraction.
fn mixed(whole: i64, double: f64) -> Option<Ordering> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if double.is_nan() {
        None
    } else if double >= END {
        Some(Ordering::Less)
    } else if double < -END {
        Some(Ordering::Greater)
    } else {
        let floor = double.floor();
        Some(whole.cmp(&(floor as i64)).then(if double > floor { Ordering::Less } else { Ordering::Equal }))
    }
}

/// For the reason of a verdict.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        match self {
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{}\"", super::syntax::cut(text)),
            Self::Time(at) => write!(f, "{}", at.format("%Y-%m-%d %H:%M:%S UTC")),
            Self::Span(span) => f.write_str(&Span::from(*span).spoken()),
            Self::List(list) => {
                let plain =
                    list.items.iter().all(|item| !matches!(item, Self::List(_) | Self::Map(_) | Self::Record(_)));
                if list.items.is_empty() {
                    f.write_str("empty")?;
                } else if plain && list.items.len() <= SHOWN {
                    let items: Vec<String> = list.items.iter().map(ToString::to_string).collect();
                    write!(f, "[{}]", items.join(", "))?;
                } else {
                    write!(f, "a list of {}", list.items.len())?;
                }
                if list.rest.is_some() { f.write_str(" and perhaps more") } else { Ok(()) }
            }
            Self::Map(map) if map.is_empty() => f.write_str("empty"),
            Self::Map(map) => write!(f, "a map of {}", map.len()),
            Self::Record(handle) => f.write_str(handle.record.name),
        }
    }
}
