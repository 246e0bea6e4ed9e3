//! Evaluation in three values. What was not read is `unknown`, and so is what goes wrong (a division by zero, a
//! key that is not there); `&&`, `||`, `all` and `exists` absorb it where the answer does not depend on it.
//!
//! A trail is kept of what was asked for. Where one side of an operator decides, the trail of the other is
//! forgotten, so that at the end it holds just what the answer rests on.

mod asked;
mod loops;

use std::borrow::Cow;
use std::fmt;

use super::check::{Builtin, Node, Op};
use super::tree::Binary;
use super::types::{Facts, Handle, Record};
use super::value::{List, Value};
use super::{MOST_STEPS, Program};

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// The facts do not tell.
    Unknown,
}

/// The answer, and what it rests on.
#[derive(Clone, Debug)]
pub struct Evaluation<'a> {
    /// The answer.
    pub truth: Truth,
    /// The facts that decided it, each once, in the order in which they were asked for.
    pub seen: Vec<Seen<'a>>,
    /// For `unknown`: what is missing.
    pub missing: Vec<Missing<'a>>,
}

/// The name of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path<'a> {
    name: &'static str,
    index: Option<usize>,
    field: Option<&'static str>,
    key: Option<Cow<'a, str>>,
}

/// A fact that was read.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    path: Path<'a>,
    said: Said<'a>,
    /// The record that it belongs to.
    pub of: Option<Handle<'a>>,
}

#[derive(Clone, Debug)]
enum Said<'a> {
    Value(Value<'a>),
    Set(bool),
}

/// A fact that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing<'a> {
    what: What<'a>,
    /// Why.
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What<'a> {
    Fact(Path<'a>),
    /// A part of the expression, by its bytes.
    Part(std::ops::Range<usize>),
    All,
}

/// Why a fact is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody read it; this call would have.
    Unread(&'static str),
    /// The list was not read to its end; this call would have.
    Incomplete(&'static str),
    /// It was read, and there is none.
    Absent,
    /// Things of this kind have no such fact.
    Foreign,
    /// An operation that has no result.
    Failed(&'static str),
    /// The evaluation took too many steps.
    Spent,
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halt {
    Unknown,
    Spent,
}

type Outcome<'a> = Result<Value<'a>, Halt>;

#[derive(Debug)]
enum Entry<'a> {
    Seen(Seen<'a>),
    Missing(Missing<'a>),
}

struct Evaluator<'a> {
    root: &'static Record,
    facts: &'a dyn Facts,
    items: Vec<Option<Value<'a>>>,
    trail: Vec<Entry<'a>>,
    steps: u64,
}

pub(super) fn evaluate<'a>(program: &'a Program, facts: &'a dyn Facts) -> Evaluation<'a> {
    let items = vec![None; program.loops];
    let mut evaluator = Evaluator { root: program.schema, facts, items, trail: Vec::new(), steps: MOST_STEPS };
    let result = evaluator.value(&program.root);
    let truth = match result {
        Ok(Value::Bool(true)) => Truth::True,
        Ok(Value::Bool(false)) => Truth::False,
        _ => Truth::Unknown,
    };
    if result.is_err_and(|halt| halt == Halt::Spent) {
        evaluator.trail = vec![Entry::Missing(Missing { what: What::All, why: Why::Spent })];
    }
    let (mut seen, mut missing) = (Vec::<Seen<'a>>::new(), Vec::new());
    for entry in evaluator.trail {
        match entry {
            Entry::Seen(fact) => match seen.iter_mut().find(|known| known.path == fact.path) {
                // A value says more than that there is one.
                Some(known) if matches!(known.said, Said::Set(true)) => *known = fact,
                Some(_) => {}
                None => seen.push(fact),
            },
            Entry::Missing(fact) if truth == Truth::Unknown && !missing.contains(&fact) => missing.push(fact),
            _ => {}
        }
    }
    Evaluation { truth, seen, missing }
}

impl<'a> Evaluator<'a> {
    fn spend(&mut self, steps: u64) -> Result<(), Halt> {
        self.steps = self.steps.checked_sub(steps).ok_or(Halt::Spent)?;
        Ok(())
    }

    fn failed<T>(&mut self, node: &Node, why: &'static str) -> Result<T, Halt> {
        self.missing(What::Part(node.span.clone()), Why::Failed(why))
    }

    fn missing<T>(&mut self, what: What<'a>, why: Why) -> Result<T, Halt> {
        self.trail.push(Entry::Missing(Missing { what, why }));
        Err(Halt::Unknown)
    }

    fn value(&mut self, node: &'a Node) -> Outcome<'a> {
        self.spend(1)?;
        Ok(match &node.op {
            Op::Bool(flag) => Value::Bool(*flag),
            Op::Int(number) => Value::Int(*number),
            Op::Double(number) => Value::Double(*number),
            Op::Text(text) => Value::text(text),
            Op::Time(at) => Value::Time(*at),
            Op::Span(span) => Value::Span(*span),
            Op::Root(_) | Op::Field(..) => return self.fact(node),
            Op::Item(slot) => {
                let item = self.items.get(*slot).cloned().flatten();
                return item.map_or_else(|| self.failed(node, "no item"), Ok);
            }
            Op::Key(of, key) => return self.key(of, key),
            Op::At(of, index) => return self.item(node, of, index),
            Op::HasField(of, field) => Value::Bool(self.has_field(of, *field)?),
            Op::HasKey(of, key) => Value::Bool(self.has_key(of, key)?),
            Op::InList(item, list) => Value::Bool(self.in_list(node, item, list)?),
            Op::Not(operand) => Value::Bool(!self.truth(operand)?),
            Op::Negate(operand) => match self.value(operand)? {
                Value::Int(number) => match number.checked_neg() {
                    Some(number) => Value::Int(number),
                    None => return self.failed(node, "the result is too large"),
                },
                Value::Double(number) => Value::Double(-number),
                _ => return self.failed(node, "no number"),
            },
            Op::And(terms) => Value::Bool(self.terms(terms, false)?),
            Op::Or(terms) => Value::Bool(self.terms(terms, true)?),
            Op::If(parts) => {
                let [condition, yes, no] = &**parts;
                return if self.truth(condition)? { self.value(yes) } else { self.value(no) };
            }
            Op::Binary(operator, sides) => return self.binary(node, *operator, sides),
            Op::List(items) => {
                let items: Result<Vec<Value<'a>>, Halt> = items.iter().map(|item| self.value(item)).collect();
                Value::list(items?)
            }
            Op::Map(entries) => {
                let mut map = std::collections::BTreeMap::new();
                for (key, value) in entries {
                    map.insert(Cow::Borrowed(key.as_str()), self.value(value)?);
                }
                Value::Map(map.into())
            }
            Op::Call(builtin, operands) => return self.call(node, *builtin, operands),
            Op::Matches(text, regex) => {
                let text = self.text(text)?;
                self.spend(text.len() as u64)?;
                Value::Bool(regex.is_match(&text))
            }
            Op::Loop(kind, slot, range, bodies) => return self.each(node, *kind, *slot, range, bodies),
        })
    }

    fn truth(&mut self, node: &'a Node) -> Result<bool, Halt> {
        match self.value(node)? {
            Value::Bool(flag) => Ok(flag),
            _ => self.failed(node, "neither true nor false"),
        }
    }

    fn text(&mut self, node: &'a Node) -> Result<Cow<'a, str>, Halt> {
        match self.value(node)? {
            Value::Text(text) => Ok(text),
            _ => self.failed(node, "no text"),
        }
    }

    /// `&&` (decided by `false`) and `||` (decided by `true`): one term that decides is enough, whatever is
    /// unknown before or behind it.
    fn terms(&mut self, terms: &'a [Node], decides: bool) -> Result<bool, Halt> {
        let start = self.trail.len();
        let mut unknown = false;
        for term in terms {
            let before = self.trail.len();
            match self.truth(term) {
                Ok(found) if found == decides => {
                    self.trail.drain(start..before);
                    return Ok(decides);
                }
                Ok(_) => {}
                Err(Halt::Unknown) => unknown = true,
                Err(Halt::Spent) => return Err(Halt::Spent),
            }
        }
        if unknown { Err(Halt::Unknown) } else { Ok(!decides) }
    }

    fn binary(&mut self, node: &'a Node, operator: Binary, sides: &'a [Node; 2]) -> Outcome<'a> {
        let [left, right] = sides;
        // Both are asked: an `unknown` verdict names everything that is missing.
        let (left, right) = (self.value(left), self.value(right));
        let (left, right) = (left?, right?);
        Ok(Value::Bool(match operator {
            Binary::Equal => self.same(node, &left, &right)?,
            Binary::Unequal => !self.same(node, &left, &right)?,
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                let Some(order) = left.order(&right) else { return self.failed(node, "there is no order") };
                match operator {
                    Binary::Less => order.is_lt(),
                    Binary::LessOrEqual => order.is_le(),
                    Binary::Greater => order.is_gt(),
                    _ => order.is_ge(),
                }
            }
            _ => {
                self.spend(left.weight() + right.weight())?;
                return left.arithmetic(operator.sign(), &right).or_else(|why| self.failed(node, why));
            }
        }))
    }

    /// Whether two values are equal, item by item. Of a list that may go on, only a difference can be told.
    fn same(&mut self, node: &Node, one: &Value<'a>, two: &Value<'a>) -> Result<bool, Halt> {
        self.spend(one.weight())?;
        match (one, two) {
            (Value::List(one), Value::List(two)) => {
                if let Some((_, call)) = one.rest.or(two.rest) {
                    return self.missing(What::Part(node.span.clone()), Why::Incomplete(call));
                }
                if one.items.len() != two.items.len() {
                    return Ok(false);
                }
                for (one, two) in one.items.iter().zip(two.items.iter()) {
                    if !self.same(node, one, two)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Map(one), Value::Map(two)) => {
                if one.len() != two.len() {
                    return Ok(false);
                }
                for ((key, one), (other, two)) in one.iter().zip(two.iter()) {
                    if key != other || !self.same(node, one, two)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(one.order(two).is_some_and(std::cmp::Ordering::is_eq)),
        }
    }

    fn call(&mut self, node: &'a Node, builtin: Builtin, operands: &'a [Node]) -> Outcome<'a> {
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            let value = self.value(operand)?;
            self.spend(value.weight())?;
            values.push(value);
        }
        Ok(match (builtin, values.as_slice()) {
            (Builtin::Size, [Value::Text(text)]) => Value::int(text.chars().count() as u64),
            (Builtin::Size, [Value::Map(map)]) => Value::int(map.len() as u64),
            (Builtin::Size, [Value::List(List { items, rest: None })]) => Value::int(items.len() as u64),
            (Builtin::Size, [Value::List(List { rest: Some(rest), .. })]) => return self.incomplete(*rest),
            (Builtin::StartsWith, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.starts_with(&**part)),
            (Builtin::EndsWith, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.ends_with(&**part)),
            (Builtin::Contains, [Value::Text(text), Value::Text(part)]) => Value::Bool(text.contains(&**part)),
            (Builtin::LowerAscii, [Value::Text(text)]) => Value::Text(Cow::Owned(text.to_ascii_lowercase())),
            (Builtin::Int, [Value::Int(number)]) => Value::Int(*number),
            (Builtin::Int, [Value::Double(number)]) if number.abs() < 9_223_372_036_854_775_808.0 => {
                Value::Int(*number as i64)
            }
            (Builtin::Int, [Value::Text(text)]) => match text.parse() {
                Ok(number) => Value::Int(number),
                Err(_) => return self.failed(node, "the text is not a whole number"),
            },
            (Builtin::Int, _) => return self.failed(node, "the number has no room"),
            (Builtin::Double, [Value::Int(number)]) => Value::Double(*number as f64),
            (Builtin::Double, [Value::Double(number)]) => Value::Double(*number),
            (Builtin::Double, [Value::Text(text)]) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Double(number),
                _ => return self.failed(node, "the text is not a number"),
            },
            (Builtin::Text, [Value::Text(text)]) => Value::Text(text.clone()),
            (Builtin::Text, [Value::Time(at)]) => {
                Value::Text(Cow::Owned(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
            }
            (Builtin::Text, [value]) => Value::Text(Cow::Owned(value.to_string())),
            _ => return self.failed(node, "these have no such operation"),
        })
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        if let Some(field) = self.field {
            if !self.name.is_empty() {
                f.write_str(".")?;
            }
            f.write_str(field)?;
        }
        match &self.key {
            Some(key) => write!(f, "['{}']", super::syntax::cut(key)),
            None => Ok(()),
        }
    }
}

/// `resource.size_gib is 2500`, `resource.tags['owner'] is not set`.
impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.said {
            Said::Value(value) => write!(f, "{} is {value}", self.path),
            Said::Set(true) => write!(f, "{} is set", self.path),
            Said::Set(false) => write!(f, "{} is not set", self.path),
        }
    }
}

impl Seen<'_> {
    /// The name of the fact, as an expression writes it.
    pub fn name(&self) -> String {
        self.path.to_string()
    }
}

impl Missing<'_> {
    /// What is missing, as the expression names it; `text` is the expression.
    pub fn name(&self, text: &str) -> String {
        match &self.what {
            What::Fact(path) => path.to_string(),
            What::Part(span) => super::syntax::cut(text.get(span.clone()).unwrap_or_default()),
            What::All => super::syntax::cut(text),
        }
    }
}
