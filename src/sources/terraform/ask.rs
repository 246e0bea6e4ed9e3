//! Facts out of attributes. What is open is written down with its attribute and the reason.

use std::cell::RefCell;

use serde_json::Value;

use super::draft::Open;
use super::place::Places;
use super::view::{Got, View, as_flag, as_number};
use crate::model::fact::Fact;
use crate::model::resource::Tags;
use crate::model::text::Text;
use crate::sources::iac::Undecided;

/// Asks for the facts of one judged thing.
#[derive(Clone, Copy)]
pub(super) struct Ask<'d, 'p, 'a> {
    pub(super) view: View<'p, 'a>,
    /// The judged thing; absent where a whole account and region is concerned.
    pub(super) identity: Option<&'d Text>,
    pub(super) undecided: &'d RefCell<Open>,
}

impl Ask<'_, '_, '_> {
    /// How much of the thing is open so far.
    pub(super) fn count_open(&self) -> usize {
        self.undecided.borrow().get(&self.identity.cloned()).map_or(0, Vec::len)
    }

    /// Write down that a fact is open.
    pub(super) fn open(&self, fact: &str, path: &str, why: &str) {
        self.undecided.borrow_mut().entry(self.identity.cloned()).or_default().push(Undecided {
            identity: self.identity.cloned(),
            fact: Text::from(fact),
            attribute: self.view.attribute(path),
            why: Text::from(why),
        });
    }

    /// A fact by its attribute; `default` is what holds where nobody sets it.
    fn fact<T>(&self, fact: &str, path: &str, default: Option<T>, read: impl Fn(&Value) -> Option<T>) -> Fact<T> {
        match self.view.got(path) {
            Got::Known(value) => match read(value) {
                Some(value) => Fact::Known(value),
                None => {
                    self.open(fact, path, "has a value of a form that is not known here");
                    Fact::Unread
                }
            },
            Got::NotSet => Fact::from(default),
            Got::Open(why) => {
                self.open(fact, path, &why);
                Fact::Unread
            }
        }
    }

    pub(super) fn flag(&self, fact: &str, path: &str, default: Option<bool>) -> Fact<bool> {
        self.fact(fact, path, default, as_flag)
    }

    pub(super) fn number(&self, fact: &str, path: &str, default: Option<u32>) -> Fact<u32> {
        self.fact(fact, path, default, |value| u32::try_from(as_number(value)?).ok())
    }

    pub(super) fn size(&self, fact: &str, path: &str) -> Fact<u64> {
        self.fact(fact, path, None, as_number)
    }

    pub(super) fn text(&self, fact: &str, path: &str, default: Option<&str>) -> Fact<Text> {
        self.fact(fact, path, default.map(Text::from), |value| Some(Text::from(value.as_str()?)))
    }

    /// The tags with those that the provider adds. One that is open or sensitive leaves all unread: it may be the one
    /// that a selection or a scope goes by.
    pub(super) fn tags(&self, places: &Places) -> Fact<Tags> {
        let read = |path: &str| -> Result<Option<Tags>, String> {
            match self.view.got(path) {
                Got::Open(why) => Err(why),
                Got::NotSet => Ok(None),
                Got::Known(value) => match self.view.open_below(path) {
                    Some(why) => Err(why),
                    None => Ok(Some(tags(value))),
                },
            }
        };
        let all = read("tags_all");
        if let Ok(Some(all)) = all {
            return Fact::Known(all);
        }
        let own = match read("tags") {
            Err(why) => {
                self.open("tags", "tags", &why);
                return Fact::Unread;
            }
            Ok(own) => own.unwrap_or_default(),
        };
        match (places.default_tags(self.view), all) {
            (Some(defaults), _) => {
                let mut all: Tags = defaults
                    .iter()
                    .map(|(key, value)| (Text::from(key.as_str()), Text::from(value.as_str())))
                    .collect();
                all.extend(own);
                Fact::Known(all)
            }
            (None, Ok(_)) => Fact::Known(own),
            (None, Err(_)) => {
                self.open(
                    "tags",
                    "tags_all",
                    "depends on the `default_tags` of its provider, which the plan does not show",
                );
                Fact::Unread
            }
        }
    }
}

impl Ask<'_, '_, '_> {
    /// The tags of a block device: its own, or those that the instance gives to all its volumes.
    pub(super) fn device_tags(&self, places: &Places, at: &str) -> Fact<Tags> {
        let mut all: Tags = match places.default_tags(self.view) {
            Some(defaults) => {
                defaults.iter().map(|(key, value)| (Text::from(key.as_str()), Text::from(value.as_str()))).collect()
            }
            None => Tags::new(),
        };
        for path in ["volume_tags".to_owned(), format!("{at}tags"), format!("{at}tags_all")] {
            match (self.view.got(&path), self.view.open_below(&path)) {
                (Got::Known(value), None) => all.extend(tags(value)),
                (Got::NotSet, _) => {}
                (Got::Open(why), _) | (_, Some(why)) => {
                    self.open("tags", &path, &why);
                    return Fact::Unread;
                }
            }
        }
        Fact::Known(all)
    }
}

/// Tags out of an object of texts.
fn tags(value: &Value) -> Tags {
    let Value::Object(fields) = value else { return Tags::new() };
    let texts = fields.iter().filter_map(|(key, value)| Some((Text::from(key.as_str()), Text::from(value.as_str()?))));
    texts.collect()
}
