//! `all`, `exists`, `exists_one`, `filter` and `map`.
//!
//! A list that was not read to its end may go on: of it, `all` can be false and `exists` true, and nothing else
//! can be told. Of the items that do not decide, the trail is forgotten; the list itself stays in it.

use super::{Evaluator, Halt, Outcome};
use crate::cel::check::{Macro, Node};
use crate::cel::value::{List, Value};

/// Missing facts of so many items are kept; the others are like them.
const SHOWN: usize = 3;

impl<'a> Evaluator<'a> {
    pub(super) fn each(
        &mut self,
        node: &'a Node,
        kind: Macro,
        slot: usize,
        range: &'a Node,
        bodies: &'a [Node],
    ) -> Outcome<'a> {
        let list = match self.value(range)? {
            Value::List(list) => list,
            Value::Map(map) => List { items: map.keys().map(|key| Value::Text(key.clone())).collect(), rest: None },
            _ => return self.failed(node, "no list"),
        };
        self.spend(list.items.len() as u64)?;
        let result = match kind {
            Macro::All => self.quantified(&list, slot, bodies, false).map(Value::Bool),
            Macro::Exists => self.quantified(&list, slot, bodies, true).map(Value::Bool),
            Macro::ExistsOne => self.one(&list, slot, bodies).map(Value::Bool),
            Macro::Filter | Macro::Map => self.collected(&list, slot, bodies, kind),
        };
        if let Some(item) = self.items.get_mut(slot) {
            *item = None;
        }
        result
    }

    fn put(&mut self, slot: usize, item: &Value<'a>) {
        if let Some(place) = self.items.get_mut(slot) {
            *place = Some(item.clone());
        }
    }

    /// `all` is decided by the first `false`, `exists` by the first `true`.
    fn quantified(&mut self, list: &List<'a>, slot: usize, bodies: &'a [Node], decides: bool) -> Result<bool, Halt> {
        let Some(body) = bodies.first() else { return Err(Halt::Unknown) };
        let start = self.trail.len();
        let mut unknown = 0_usize;
        for item in list.items.iter() {
            self.put(slot, item);
            let before = self.trail.len();
            match self.truth(body) {
                Ok(found) if found == decides => {
                    self.trail.drain(start..before);
                    return Ok(decides);
                }
                Err(Halt::Spent) => return Err(Halt::Spent),
                Err(Halt::Unknown) if unknown < SHOWN => unknown += 1,
                found => {
                    unknown += usize::from(found.is_err());
                    self.trail.truncate(before);
                }
            }
        }
        self.ended(list, unknown > 0).map(|()| !decides)
    }

    /// Whether a list was seen to its end and everything about it is known.
    fn ended(&mut self, list: &List<'a>, unknown: bool) -> Result<(), Halt> {
        match list.rest {
            Some(rest) => self.incomplete(rest),
            None if unknown => Err(Halt::Unknown),
            None => Ok(()),
        }
    }

    /// Two that fit are one too many, whatever is unknown.
    fn one(&mut self, list: &List<'a>, slot: usize, bodies: &'a [Node]) -> Result<bool, Halt> {
        let Some(body) = bodies.first() else { return Err(Halt::Unknown) };
        let start = self.trail.len();
        let (mut fits, mut unknown) = (0_usize, 0_usize);
        for item in list.items.iter() {
            self.put(slot, item);
            let before = self.trail.len();
            match self.truth(body) {
                Ok(true) => {
                    fits += 1;
                    self.trail.truncate(before);
                    if fits > 1 {
                        self.trail.truncate(start);
                        return Ok(false);
                    }
                }
                Err(Halt::Spent) => return Err(Halt::Spent),
                Err(Halt::Unknown) if unknown < SHOWN => unknown += 1,
                found => {
                    unknown += usize::from(found.is_err());
                    self.trail.truncate(before);
                }
            }
        }
        self.ended(list, unknown > 0).map(|()| fits == 1)
    }

    /// `filter`, and `map` with or without a condition. One item of which nothing can be told makes the whole
    /// unknown: whatever is asked of the result might depend on it.
    fn collected(&mut self, list: &List<'a>, slot: usize, bodies: &'a [Node], kind: Macro) -> Outcome<'a> {
        let (condition, gives) = match (kind, bodies) {
            (Macro::Filter, [condition]) => (Some(condition), None),
            (_, [gives]) => (None, Some(gives)),
            (_, [condition, gives]) => (Some(condition), Some(gives)),
            _ => return Err(Halt::Unknown),
        };
        let mut items = Vec::new();
        for item in list.items.iter() {
            self.put(slot, item);
            let before = self.trail.len();
            if let Some(condition) = condition
                && !self.truth(condition)?
            {
                self.trail.truncate(before);
                continue;
            }
            items.push(match gives {
                Some(gives) => self.value(gives)?,
                None => item.clone(),
            });
            self.trail.truncate(before);
        }
        Ok(Value::List(List { items: items.into(), rest: list.rest }))
    }
}
