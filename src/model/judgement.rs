//! What a check says about one resource: an outcome, a sentence, the facts in it, and the objects
//! that show it.
//!
//! The sentence is a template over the observed facts, so what is said and what is recorded cannot
//! disagree, and a million passes cost no formatting until somebody reads them.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Instant, outcome::Outcome, span::Span, text::Text};

/// A word of ours: the name of a fact, the sort of an object. Costs nothing until it is read from a file.
pub type Word = Cow<'static, str>;

/// The conclusion of a check, before waivers.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What was concluded.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub sentence: Sentence,
    /// The facts it rests on, by name.
    pub observed: Vec<(Word, Value)>,
    /// The objects that show it.
    pub evidence: Vec<Evidence>,
}

/// A sentence for people: lower case, no full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// A template with `{fact}` or, for a count with its noun, `{fact:noun}`.
    Template(&'static str),
    /// A finished sentence, as read from a saved assessment.
    Said(Text),
}

/// A fact in a judgement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A length of time.
    Span(Span),
    /// An instant.
    Time(Instant),
    /// A number.
    Count(u64),
    /// A yes or no.
    Flag(bool),
    /// Anything else.
    Text(Text),
}

/// An object that shows what a judgement says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its id, an ARN where it has one.
    pub id: Text,
    /// What it is: `recovery-point`, `activity`, `plan`, `vault`, `resource`, `setting`.
    pub what: Word,
    /// The instant it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// A word on it, such as its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl Judgement {
    /// A judgement with any outcome; `template` may name facts that are added afterwards.
    pub fn new(outcome: Outcome, template: &'static str) -> Self {
        Self { outcome, sentence: Sentence::Template(template), observed: Vec::new(), evidence: Vec::new() }
    }

    /// The demand is met.
    pub fn pass(template: &'static str) -> Self {
        Self::new(Outcome::Pass, template)
    }

    /// The demand is not met.
    pub fn fail(template: &'static str) -> Self {
        Self::new(Outcome::Fail, template)
    }

    /// It cannot be told.
    pub fn unknown(template: &'static str) -> Self {
        Self::new(Outcome::Unknown, template)
    }

    /// Nothing is demanded of this resource.
    pub fn not_applicable(template: &'static str) -> Self {
        Self::new(Outcome::NotApplicable, template)
    }

    /// Add an observed fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.observed.push((Word::Borrowed(name), value.into()));
        self
    }

    /// Add an observed fact if there is one.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Add an object that shows it.
    #[must_use]
    pub fn shown_by(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Add objects that show it, at most `most` of them: a page of offenders is enough, the count
    /// stands among the facts.
    #[must_use]
    pub fn shown_by_all(mut self, evidence: impl IntoIterator<Item = Evidence>, most: usize) -> Self {
        self.evidence.extend(evidence.into_iter().take(most));
        self
    }

    /// The finished sentence.
    pub fn reason(&self) -> Text {
        render(&self.sentence, &self.observed)
    }
}

impl Evidence {
    /// An object of a kind, at an instant.
    pub fn new(what: &'static str, id: impl Into<Text>, at: Option<Instant>) -> Self {
        Self { id: id.into(), what: Word::Borrowed(what), at, note: None }
    }

    /// A recovery point with its consistency time and status.
    pub fn point(point: &super::recovery_point::RecoveryPoint) -> Self {
        Self {
            id: point.arn.clone(),
            what: Word::Borrowed("recovery-point"),
            at: Some(point.data_at().unwrap_or(point.started_at)),
            note: (!point.is_usable()).then(|| Text::from(point.status.id())),
        }
    }

    /// An activity with its start and outcome.
    pub fn activity(activity: &super::activity::Activity) -> Self {
        Self {
            id: activity.id.clone(),
            what: Word::Borrowed(activity.kind.id()),
            at: Some(activity.started_at),
            note: Some(Text::from(activity.outcome.id())),
        }
    }

    /// Add a word on it.
    #[must_use]
    pub fn note(mut self, note: impl Into<Text>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// Fill a template in. An unknown name is left as it stands, where a test will see it.
pub fn render(sentence: &Sentence, observed: &[(Word, Value)]) -> Text {
    let template = match sentence {
        Sentence::Said(text) => return text.clone(),
        Sentence::Template(template) => template,
    };
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest: &str = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let (name, noun) = name.split_once(':').map_or((name, None), |(name, noun)| (name, Some(noun)));
        match observed.iter().find(|(known, _)| known == name) {
            Some((_, value)) => value.speak(noun, &mut out),
            None => {
                let _ = write!(out, "{{{name}}}");
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Text::from(out)
}

impl Value {
    fn speak(&self, noun: Option<&str>, out: &mut String) {
        let _ = match (self, noun) {
            (Self::Span(span), _) => write!(out, "{}", span.spoken()),
            (Self::Time(at), _) => write!(out, "{}", at.format("%Y-%m-%d %H:%M UTC")),
            (Self::Count(count), Some(noun)) => write!(out, "{}", counted(*count, noun)),
            (Self::Count(count), None) => write!(out, "{count}"),
            (Self::Flag(flag), _) => write!(out, "{}", if *flag { "yes" } else { "no" }),
            (Self::Text(text), _) => write!(out, "{text}"),
        };
    }
}

/// `1 thing`, `2 things`, `3 copies`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// The plain form that reports print: exact, without words.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Span(span) => write!(f, "{span}"),
            Self::Time(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%SZ")),
            Self::Count(count) => write!(f, "{count}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) => write!(f, "{text}"),
        }
    }
}

impl From<Span> for Value {
    fn from(value: Span) -> Self {
        Self::Span(value)
    }
}

impl From<Instant> for Value {
    fn from(value: Instant) -> Self {
        Self::Time(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Count(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Count(u64::from(value))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Count(value as u64)
    }
}

impl From<Text> for Value {
    fn from(value: Text) -> Self {
        Self::Text(value)
    }
}

impl From<&Text> for Value {
    fn from(value: &Text) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Text::from(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Text::from(value))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Text(text) => serializer.serialize_str(text),
            other => serializer.collect_str(other),
        }
    }
}

/// A saved value comes back as number, flag or text; its printed form is the same.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a whole number or a flag")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Count(value))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Flag(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(Text::from(value)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_speak_of_their_facts() {
        let judgement = Judgement::fail(
            "no usable recovery point for {largest_gap}; {bad:recovery point} of {all:recovery point} failed, {n:copy}",
        )
        .with("largest_gap", Span::hours(76))
        .with("bad", 1_usize)
        .with("all", 3_usize)
        .with("n", 2_usize);
        assert_eq!(
            &*judgement.reason(),
            "no usable recovery point for 3d 4h; 1 recovery point of 3 recovery points failed, 2 copies"
        );
    }

    #[test]
    fn what_users_wrote_is_never_a_template() {
        let judgement =
            Judgement::pass("named {name}").with("name", "{largest_gap}").with("largest_gap", Span::hours(1));
        assert_eq!(&*judgement.reason(), "named {largest_gap}");
        let said = Sentence::Said(Text::from("{name}"));
        assert_eq!(&*render(&said, &judgement.observed), "{name}");
    }

    #[test]
    fn values_read_back_print_the_same() {
        let at: Instant = "2026-11-18T20:00:00Z".parse().unwrap();
        for value in [Value::from(Span::hours(76)), at.into(), 7_u64.into(), true.into(), "x".into()] {
            let json = serde_json::to_string(&value).unwrap();
            let back: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(back.to_string(), value.to_string());
            assert_eq!(serde_json::to_string(&back).unwrap(), json);
        }
    }
}
