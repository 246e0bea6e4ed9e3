//! The tree against the schema: every name, type and literal, and the typed program that results.

mod calls;
mod operators;

use std::ops::Range;

use chrono::TimeDelta;
use regex::Regex;

use super::syntax::cut;
use super::tree::{Binary, Expr, Tree};
use super::types::{Field, Record, Type};
use super::{Help, Problem, Program, Use};
use crate::model::Instant;

/// An operation whose operands fit.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) op: Op,
}

/// An operation.
#[derive(Debug)]
pub(super) enum Op {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
    Time(Instant),
    Span(TimeDelta),
    /// A variable of the schema, by its place.
    Root(usize),
    /// A variable of a loop, by its slot.
    Item(usize),
    /// A fact of a record.
    Field(Box<Node>, usize),
    /// A value of a map; the key is a literal or computed.
    Key(Box<Node>, Box<Node>),
    /// An item of a list.
    At(Box<Node>, Box<Node>),
    /// Whether a record has a fact.
    HasField(Box<Node>, usize),
    /// Whether a map has a key: `has(m.k)` and `'k' in m`.
    HasKey(Box<Node>, Box<Node>),
    InList(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    If(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Call(Builtin, Vec<Node>),
    Matches(Box<Node>, Regex),
    Loop(Macro, usize, Box<Node>, Vec<Node>),
}

/// A function on values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    Size,
    StartsWith,
    EndsWith,
    Contains,
    LowerAscii,
    Int,
    Double,
    Text,
}

/// A loop over a list or the keys of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

type Checked = Option<(Node, Type)>;

/// Check a whole expression.
pub(super) fn program(tree: &Tree, schema: &'static Record) -> Result<Program, Vec<Problem>> {
    let mut checker =
        Checker { schema, items: Vec::new(), loops: 0, asks: false, uses: Vec::new(), problems: Vec::new() };
    let checked = checker.check(tree);
    if let Some((_, ty)) = checked.as_ref().filter(|(_, ty)| *ty != Type::Bool) {
        let problem = Problem::new(tree.span.clone(), format!("the condition gives {ty}, not true or false"));
        checker.problems.push(problem.help(match ty {
            Type::Int | Type::Double => "compare it, for example with `> 0`",
            Type::List(_) => "ask about its items with `.exists(…)` or `.all(…)`, or for `size(…) > 0`",
            _ => "compare it, for example with `==`",
        }));
    }
    if !checker.asks && checker.problems.is_empty() {
        let problem = Problem::new(tree.span.clone(), "the condition looks at nothing of the resource");
        checker.problems.push(problem.help("what is always true or always false proves nothing"));
    }
    match checked {
        Some((root, _)) if checker.problems.is_empty() => {
            Ok(Program { schema, root, loops: checker.loops, uses: checker.uses })
        }
        _ => Err(checker.problems),
    }
}

struct Checker {
    schema: &'static Record,
    /// Variables of the loops around, the innermost last.
    items: Vec<(String, Type)>,
    /// The most loops that stand within each other.
    loops: usize,
    /// The fields that are named.
    uses: Vec<Use>,
    /// Whether a fact is asked for, besides the instant.
    asks: bool,
    problems: Vec<Problem>,
}

impl Checker {
    fn refuse(&mut self, problem: Problem) -> Checked {
        self.problems.push(problem);
        None
    }

    /// Check an operand; every problem in it is reported, and `None` says that there was one.
    fn check(&mut self, tree: &Tree) -> Checked {
        let span = tree.span.clone();
        let (op, ty) = match &tree.expr {
            Expr::Bool(flag) => (Op::Bool(*flag), Type::Bool),
            Expr::Int(number) => (Op::Int(*number), Type::Int),
            Expr::Double(number) => (Op::Double(*number), Type::Double),
            Expr::Text(text) => (Op::Text(text.clone()), Type::Text),
            Expr::Null => {
                let problem = Problem::new(span, "`null` is not used here");
                return self.refuse(problem.help("ask whether a field is there with `has(resource.kms_key)`"));
            }
            Expr::Name(name) => self.name(name, &span)?,
            Expr::Select(of, field, at) => self.select(of, field, at)?,
            Expr::Index(of, key) => self.index(of, key)?,
            Expr::Call(call) => self.call(call, &span)?,
            Expr::List(items) => self.list(items)?,
            Expr::Map(entries) => self.map(entries)?,
            Expr::Not(operand) => (Op::Not(Box::new(self.bool(operand, "`!`")?)), Type::Bool),
            Expr::Negate(operand) => self.negate(operand)?,
            Expr::And(terms) => (Op::And(self.bools(terms, "`&&`")?), Type::Bool),
            Expr::Or(terms) => (Op::Or(self.bools(terms, "`||`")?), Type::Bool),
            Expr::If(parts) => self.choice(parts, &span)?,
            Expr::Binary(operator, sides) => self.binary(*operator, sides, &span)?,
        };
        Some((Node { span, op }, ty))
    }

    fn name(&mut self, name: &str, span: &Range<usize>) -> Option<(Op, Type)> {
        if let Some(slot) = self.items.iter().position(|(item, _)| item == name) {
            let ty = self.items.get(slot).map(|(_, ty)| ty.clone())?;
            return Some((Op::Item(slot), ty));
        }
        if let Some((place, field)) = self.schema.field(name) {
            self.asks |= !matches!(field.shape, super::Shape::Time);
            self.uses.push(Use { record: self.schema, field: place, span: span.clone() });
            return Some((Op::Root(place), field.shape.ty()));
        }
        let problem = Problem::new(span.clone(), format!("there is no `{}`", cut(name)));
        // Whoever writes `size_gib` means that of the resource.
        let owner = self
            .schema
            .fields
            .iter()
            .find(|field| matches!(field.shape, super::Shape::Record(record) if record.field(name).is_some()));
        self.problems.push(match owner {
            Some(owner) => problem.help(format!("did you mean `{}.{name}`?", owner.name)),
            None => problem.names(name, "the names are", self.schema.names()),
        });
        None
    }

    fn select(&mut self, of: &Tree, field: &str, at: &Range<usize>) -> Option<(Op, Type)> {
        let (node, ty) = self.check(of)?;
        match ty {
            Type::Record(record) => {
                let (place, field) = self.field(record, field, at)?;
                Some((Op::Field(Box::new(node), place), field.shape.ty()))
            }
            Type::Map(value) => {
                let key = Node { span: at.clone(), op: Op::Text(field.to_owned()) };
                Some((Op::Key(Box::new(node), Box::new(key)), *value))
            }
            ty => {
                self.problems.push(no_fields(&ty, field, at));
                None
            }
        }
    }

    /// The field of a record, or the report that it has none of this name.
    fn field(&mut self, record: &'static Record, field: &str, at: &Range<usize>) -> Option<(usize, &'static Field)> {
        if let Some((place, found)) = record.field(field) {
            self.uses.push(Use { record, field: place, span: at.clone() });
            return Some((place, found));
        }
        let problem = Problem::new(at.clone(), format!("`{}` has no field `{}`", record.name, cut(field)));
        self.problems.push(problem.names(field, "its fields are", record.names()));
        None
    }

    fn index(&mut self, of: &Tree, key: &Tree) -> Option<(Op, Type)> {
        let of = self.check(of);
        let key_span = key.span.clone();
        let key = self.check(key);
        let ((node, ty), (key, key_ty)) = (of?, key?);
        match (ty, &key_ty) {
            (Type::List(item), Type::Int) => Some((Op::At(Box::new(node), Box::new(key)), *item)),
            (Type::Map(value), key_ty) if key_ty.is_text() => Some((Op::Key(Box::new(node), Box::new(key)), *value)),
            (ty @ (Type::List(_) | Type::Map(_)), _) => {
                let wanted = if matches!(ty, Type::List(_)) { "int" } else { "string" };
                self.problems.push(Problem::new(key_span, format!("{ty} is indexed by {wanted}, not by {key_ty}")));
                None
            }
            (ty, _) => {
                self.problems.push(Problem::new(node.span, format!("{ty} has no items")));
                None
            }
        }
    }

    fn list(&mut self, items: &[Tree]) -> Option<(Op, Type)> {
        let checked: Vec<Checked> = items.iter().map(|item| self.check(item)).collect();
        let mut ty = Type::Any;
        let mut nodes = Vec::new();
        for (node, item) in checked.into_iter().collect::<Option<Vec<_>>>()? {
            let Some(joined) = ty.join(&item) else {
                let problem = Problem::new(node.span, format!("this is {item} in a list of {ty}"));
                self.problems.push(problem.help("all items of a list have one type"));
                return None;
            };
            ty = joined;
            nodes.push(node);
        }
        Some((Op::List(nodes), Type::List(Box::new(ty))))
    }

    fn map(&mut self, entries: &[(Tree, Tree)]) -> Option<(Op, Type)> {
        let mut ty = Type::Any;
        let mut nodes = Vec::new();
        let mut good = true;
        for (key, value) in entries {
            let checked = self.check(value);
            let Expr::Text(name) = &key.expr else {
                let problem = Problem::new(key.span.clone(), "the keys of a map are texts");
                self.problems.push(problem.help("write for example `{'a': 1}`"));
                good = false;
                continue;
            };
            let Some((node, value)) = checked else {
                good = false;
                continue;
            };
            match ty.join(&value) {
                Some(joined) => ty = joined,
                None => {
                    let problem = Problem::new(node.span.clone(), format!("this is {value} in a map of {ty}"));
                    self.problems.push(problem.help("all values of a map have one type"));
                    good = false;
                }
            }
            nodes.push((name.clone(), node));
        }
        good.then(|| (Op::Map(nodes), Type::Map(Box::new(ty))))
    }

    fn choice(&mut self, parts: &[Tree; 3], span: &Range<usize>) -> Option<(Op, Type)> {
        let [condition, yes, no] = parts;
        let condition = self.bool(condition, "`?:`");
        let (yes, no) = (self.check(yes), self.check(no));
        let (condition, (yes, one), (no, two)) = (condition?, yes?, no?);
        match one.join(&two) {
            Some(ty) => Some((Op::If(Box::new([condition, yes, no])), ty)),
            None => {
                self.problems.push(Problem::new(span.clone(), format!("the choice is between {one} and {two}")));
                None
            }
        }
    }

    /// An operand that must be true or false.
    fn bool(&mut self, tree: &Tree, of: &str) -> Option<Node> {
        let (node, ty) = self.check(tree)?;
        if matches!(ty, Type::Bool | Type::Any) {
            return Some(node);
        }
        let problem = Problem::new(node.span, format!("{of} takes bool, not {ty}"));
        self.problems.push(if ty.is_text() { problem.help("compare it, for example with `==`") } else { problem });
        None
    }

    fn bools(&mut self, terms: &[Tree], of: &str) -> Option<Vec<Node>> {
        let checked: Vec<Option<Node>> = terms.iter().map(|term| self.bool(term, of)).collect();
        checked.into_iter().collect()
    }
}

/// Selecting from something that has no fields.
fn no_fields(ty: &Type, field: &str, at: &Range<usize>) -> Problem {
    let problem = Problem::new(at.clone(), format!("{ty} has no field `{}`", cut(field)));
    match ty {
        Type::List(_) => {
            problem.help(format!("ask about its items: `.exists(item, item.{} …)`, or `.all(…)`", cut(field)))
        }
        _ if super::FUNCTIONS.iter().any(|function| function.name == field) => {
            problem.help(format!("write `{field}(…)`"))
        }
        _ => Problem { help: Help::None, ..problem },
    }
}
