//! Asking for facts: fields, keys, items, and whether they are there.

use super::{Entry, Evaluator, Halt, Outcome, Path, Said, Seen, What, Why};
use crate::cel::check::{Node, Op};
use crate::cel::types::{Got, Handle};
use crate::cel::value::{List, Value};

/// A fact, before it is known whether it is there.
struct Asked<'a> {
    path: Path<'a>,
    got: Got<'a>,
    of: Option<Handle<'a>>,
}

impl<'a> Evaluator<'a> {
    fn see(&mut self, path: Path<'a>, said: Said<'a>, of: Option<Handle<'a>>) {
        self.trail.push(Entry::Seen(Seen { path, said, of }));
    }

    /// What may go on was not read to its end.
    pub(super) fn incomplete<T>(&mut self, (name, call): (&'static str, &'static str)) -> Result<T, Halt> {
        let path = Path { name, index: None, field: None, key: None };
        self.missing(What::Fact(path), Why::Incomplete(call))
    }

    fn absent<T>(&mut self, path: Path<'a>, got: &Got<'a>) -> Result<T, Halt> {
        let why = match got {
            Got::Unread(call) => Why::Unread(call),
            Got::Foreign => Why::Foreign,
            Got::Known(_) | Got::Absent => Why::Absent,
        };
        self.missing(What::Fact(path), why)
    }

    /// Ask for a variable or a field, without noting it.
    fn ask(&mut self, node: &'a Node) -> Result<Asked<'a>, Halt> {
        self.spend(1)?;
        match &node.op {
            Op::Root(place) => {
                let facts = self.facts;
                let got = facts.fact(*place);
                let name = match &got {
                    Got::Known(Value::Record(handle)) => handle.name,
                    _ => self.root.fields.get(*place).map_or("", |field| field.name),
                };
                Ok(Asked { path: Path { name, index: None, field: None, key: None }, got, of: None })
            }
            Op::Field(of, place) => {
                let base = self.ask(of)?;
                let handle = match base.got {
                    Got::Known(Value::Record(handle)) => handle,
                    Got::Known(_) => return self.failed(node, "no record"),
                    // What is in a record that is not there is not there either.
                    got => return Ok(Asked { got, ..base }),
                };
                let field = handle.record.fields.get(*place).map(|field| field.name);
                let path = Path { name: handle.name, index: handle.index, field, key: None };
                Ok(Asked { path, got: handle.facts.fact(*place), of: Some(handle) })
            }
            _ => {
                let got = Got::Known(self.value(node)?);
                let path = Path { name: "", index: None, field: None, key: None };
                Ok(Asked { path, got, of: None })
            }
        }
    }

    /// The value of a variable or a field.
    pub(super) fn fact(&mut self, node: &'a Node) -> Outcome<'a> {
        let asked = self.ask(node)?;
        match asked.got {
            Got::Known(value) => {
                // A record says nothing by itself, nor does the instant: everybody knows it.
                let telling = !matches!((&value, &asked.of), (Value::Record(_), _) | (Value::Time(_), None));
                if telling {
                    self.see(asked.path, Said::Value(value.clone()), asked.of);
                }
                Ok(value)
            }
            got => self.absent(asked.path, &got),
        }
    }

    /// A value of a map; of the map, only this key is noted.
    pub(super) fn key(&mut self, of: &'a Node, key: &'a Node) -> Outcome<'a> {
        let asked = self.ask(of)?;
        let key = self.text(key)?;
        match &asked.got {
            Got::Known(Value::Map(map)) => {
                let value = map.get(&key).cloned();
                let path = Path { key: Some(key), ..asked.path };
                match value {
                    Some(value) => {
                        self.see(path, Said::Value(value.clone()), asked.of);
                        Ok(value)
                    }
                    None => self.absent(path, &Got::Absent),
                }
            }
            got => self.absent(asked.path, got),
        }
    }

    pub(super) fn has_key(&mut self, of: &'a Node, key: &'a Node) -> Result<bool, Halt> {
        let asked = self.ask(of)?;
        let key = self.text(key)?;
        let path = Path { key: Some(key.clone()), ..asked.path.clone() };
        match &asked.got {
            Got::Known(Value::Map(map)) => {
                let found = map.contains_key(&key);
                self.see(path, Said::Set(found), asked.of);
                Ok(found)
            }
            Got::Absent | Got::Foreign => {
                self.see(path, Said::Set(false), asked.of);
                Ok(false)
            }
            got => self.absent(asked.path, got),
        }
    }

    /// Whether a record has a fact. What a thing cannot have, it has not; so too with a record that is not there.
    pub(super) fn has_field(&mut self, of: &'a Node, place: usize) -> Result<bool, Halt> {
        let asked = self.ask(of)?;
        match asked.got {
            Got::Known(Value::Record(handle)) => {
                let field = handle.record.fields.get(place).map(|field| field.name);
                let path = Path { name: handle.name, index: handle.index, field, key: None };
                match handle.facts.fact(place) {
                    Got::Unread(call) => self.absent(path, &Got::Unread(call)),
                    got => {
                        let found = matches!(got, Got::Known(_));
                        self.see(path, Said::Set(found), Some(handle));
                        Ok(found)
                    }
                }
            }
            Got::Absent | Got::Foreign => {
                self.see(asked.path, Said::Set(false), asked.of);
                Ok(false)
            }
            got => self.absent(asked.path, &got),
        }
    }

    pub(super) fn item(&mut self, node: &'a Node, of: &'a Node, index: &'a Node) -> Outcome<'a> {
        let (list, index) = (self.value(of), self.value(index));
        let (Value::List(List { items, rest }), Value::Int(index)) = (list?, index?) else {
            return self.failed(node, "no list");
        };
        if let Some(rest) = rest {
            return self.incomplete(rest);
        }
        let item = usize::try_from(index).ok().and_then(|index| items.get(index));
        item.cloned().map_or_else(|| self.failed(node, "the list is not that long"), Ok)
    }

    pub(super) fn in_list(&mut self, node: &'a Node, item: &'a Node, list: &'a Node) -> Result<bool, Halt> {
        let (item, list) = (self.value(item), self.value(list));
        let (item, Value::List(List { items, rest })) = (item?, list?) else { return self.failed(node, "no list") };
        for other in items.iter() {
            if self.same(node, &item, other)? {
                return Ok(true);
            }
        }
        match rest {
            Some(rest) => self.incomplete(rest),
            None => Ok(false),
        }
    }
}
