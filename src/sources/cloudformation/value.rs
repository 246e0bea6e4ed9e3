//! What an expression of a template comes to.

use std::fmt;

/// A value, as far as it can be told before the stack is deployed.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    /// Not set: `AWS::NoValue`, or null.
    Absent,
    /// Known. Numbers and booleans are text here.
    Text(String),
    /// Text with the identities of resources of this template, or of the stack itself, within: unknown as text, and
    /// the same wherever it stands (see [`crate::model::declared`]).
    Formed(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// It cannot be told.
    Open(Why),
}

/// Why something cannot be told, to be read after the name of the attribute; and what would decide it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Why {
    pub(super) text: String,
    pub(super) split: Option<Split>,
    /// Of a number that is a parameter itself: its least and, if known, its most.
    pub(super) bounds: Option<(u64, Option<u64>)>,
    /// The parameter that has no value.
    pub(super) parameter: Option<String>,
}

/// What decides: each of its values can be looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Split {
    Parameter(String),
    Condition(String),
}

/// A fact that cannot be told: the property that it hangs on, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stuck {
    pub(super) property: String,
    pub(super) why: Box<Why>,
}

pub(super) type Told<T> = Result<T, Stuck>;

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::Text(_) => "text",
            Self::Formed(_) => "formed",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Open(_) => "open",
        })
    }
}

impl Why {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), split: None, bounds: None, parameter: None }
    }

    pub(super) fn at(self, property: &str) -> Stuck {
        Stuck { property: property.to_owned(), why: Box::new(self.without_bounds()) }
    }

    /// Why something else cannot be told that is made of the number.
    pub(super) fn without_bounds(self) -> Self {
        Self { bounds: None, ..self }
    }
}

/// Properties with their path, so that what is stuck can be named.
#[derive(Clone)]
pub(super) struct Props<'v> {
    value: &'v Value,
    path: String,
}

static ABSENT: Value = Value::Absent;

impl<'v> Props<'v> {
    pub(super) fn new(value: &'v Value, path: &str) -> Self {
        Self { value, path: path.to_owned() }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Say of this property that it cannot be told.
    pub(super) fn refuse<T>(&self, why: &str) -> Told<T> {
        self.stuck(why)
    }

    fn stuck<T>(&self, why: &str) -> Told<T> {
        Err(Why::new(why).at(&self.path))
    }

    /// What stands under a dotted path.
    pub(super) fn at(&self, path: &str) -> Told<Self> {
        let mut here = self.clone();
        for name in path.split('.') {
            let value = match here.value {
                Value::Map(fields) => fields.iter().find(|(key, _)| key == name).map_or(&ABSENT, |(_, value)| value),
                Value::Absent => &ABSENT,
                Value::Open(why) => return Err(why.clone().at(&here.path)),
                _ => return here.stuck("has a value of a form that is not known here"),
            };
            here = Self { value, path: here.below(name) };
        }
        Ok(here)
    }

    pub(super) fn is_set(&self, path: &str) -> Told<bool> {
        let here = self.at(path)?;
        match here.value {
            Value::Absent => Ok(false),
            Value::Open(why) => Err(why.clone().at(&here.path)),
            _ => Ok(true),
        }
    }

    /// Known text.
    pub(super) fn text(&self, path: &str) -> Told<Option<&'v str>> {
        let here = self.at(path)?;
        match here.value {
            Value::Absent => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Formed(_) => here.stuck("is known only when the stack is deployed"),
            Value::Open(why) => Err(why.clone().at(&here.path)),
            _ => here.stuck("has a value of a form that is not known here"),
        }
    }

    /// Text that names something: the identity of a resource of this template is as good as a known name.
    pub(super) fn name(&self, path: &str) -> Told<Option<&'v str>> {
        let here = self.at(path)?;
        match here.value {
            Value::Formed(text) => Ok(Some(text)),
            _ => here.text_here(),
        }
    }

    fn text_here(&self) -> Told<Option<&'v str>> {
        match self.value {
            Value::Absent => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Formed(_) => self.stuck("is known only when the stack is deployed"),
            Value::Open(why) => Err(why.clone().at(&self.path)),
            _ => self.stuck("has a value of a form that is not known here"),
        }
    }

    /// The name that this value is.
    pub(super) fn name_here(&self) -> Told<Option<&'v str>> {
        match self.value {
            Value::Formed(text) => Ok(Some(text)),
            _ => self.text_here(),
        }
    }

    pub(super) fn flag(&self, path: &str) -> Told<Option<bool>> {
        let here = self.at(path)?;
        match here.text_here()? {
            None => Ok(None),
            Some(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Ok(Some(true)),
                "false" | "no" | "off" => Ok(Some(false)),
                _ => here.stuck("is neither true nor false"),
            },
        }
    }

    pub(super) fn number(&self, path: &str) -> Told<Option<u64>> {
        let here = self.at(path)?;
        // The bounds of a number are known only where it is the parameter itself.
        if let Value::Open(why) = here.value {
            return Err(Stuck { property: here.path, why: Box::new(why.clone()) });
        }
        match here.text_here()? {
            None => Ok(None),
            Some(text) => {
                let text = text.trim();
                let whole = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
                match whole.map_or(text, |(whole, _)| whole).parse() {
                    Ok(number) => Ok(Some(number)),
                    Err(_) => here.stuck("is no whole number"),
                }
            }
        }
    }

    pub(super) fn days(&self, path: &str) -> Told<Option<u32>> {
        Ok(self.number(path)?.map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// The items of a list; one that is no list counts as a list of one.
    pub(super) fn items(&self, path: &str) -> Told<Vec<Self>> {
        let here = self.at(path)?;
        match here.value {
            Value::Absent => Ok(Vec::new()),
            Value::Open(why) => Err(why.clone().at(&here.path)),
            Value::List(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, value)| Self { value, path: format!("{}[{index}]", here.path) })
                .collect()),
            _ => Ok(vec![here]),
        }
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// The names of a list.
    pub(super) fn names(&self, path: &str) -> Told<Vec<&'v str>> {
        let items = self.items(path)?;
        let names = items.iter().map(Self::name_here);
        Ok(names.collect::<Told<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// The fields of a map, in their order.
    pub(super) fn fields(&self, path: &str) -> Told<Vec<(&'v str, Self)>> {
        let here = self.at(path)?;
        match here.value {
            Value::Absent => Ok(Vec::new()),
            Value::Open(why) => Err(why.clone().at(&here.path)),
            Value::Map(fields) => {
                Ok(fields.iter().map(|(key, value)| (key.as_str(), Self { value, path: here.below(key) })).collect())
            }
            _ => here.stuck("has a value of a form that is not known here"),
        }
    }

    /// As JSON, for documents of policies and patterns.
    pub(super) fn json(&self, path: &str) -> Told<Option<serde_json::Value>> {
        let here = self.at(path)?;
        match here.value {
            Value::Absent => Ok(None),
            // A document may be written as text.
            Value::Text(text) => match serde_json::from_str(text) {
                Ok(value) => Ok(Some(value)),
                Err(_) => here.stuck("is no JSON"),
            },
            value => json(value).map(Some).map_err(|why| why.at(&here.path)),
        }
    }
}

fn json(value: &Value) -> Result<serde_json::Value, Why> {
    use serde_json::Value as Json;
    Ok(match value {
        Value::Absent => Json::Null,
        Value::Text(text) | Value::Formed(text) => Json::String(text.clone()),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Value::Map(fields) => {
            Json::Object(fields.iter().map(|(key, value)| Ok((key.clone(), json(value)?))).collect::<Result<_, Why>>()?)
        }
        Value::Open(why) => return Err(why.clone()),
    })
}

impl Props<'_> {
    /// The text that this value is.
    pub(super) fn text_here_owned(&self) -> Told<String> {
        Ok(self.text_here()?.unwrap_or_default().to_owned())
    }
}
