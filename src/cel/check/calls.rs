//! Calls: functions, methods and the macros that look at every item.

use std::ops::Range;

use chrono::DateTime;
use regex::RegexBuilder;

use super::{Builtin, Checked, Checker, Macro, Node, Op};
use crate::cel::functions::FUNCTIONS;
use crate::cel::syntax::cut;
use crate::cel::tree::{Call, Expr, Tree};
use crate::cel::types::Type;
use crate::cel::{MOST_LOOPS, Problem};
use crate::model::span::Span;

/// The most memory that a compiled regular expression may take.
const LARGEST_REGEX: usize = 1 << 20;

impl Checker {
    pub(super) fn call(&mut self, call: &Call, span: &Range<usize>) -> Option<(Op, Type)> {
        let macros = [
            ("all", Macro::All),
            ("exists", Macro::Exists),
            ("exists_one", Macro::ExistsOne),
            ("filter", Macro::Filter),
            ("map", Macro::Map),
        ];
        let found = macros.iter().find(|(name, _)| *name == call.name);
        match (call.name.as_str(), &call.target, found) {
            ("has", None, _) => self.has(call),
            (_, Some(target), Some((_, found))) => self.each(*found, target, call),
            ("duration" | "timestamp", None, _) => self.literal(call, span),
            ("matches", ..) => self.matches(call),
            _ => self.function(call),
        }
    }

    fn unknown<T>(&mut self, call: &Call) -> Option<T> {
        let problem = Problem::new(call.at.clone(), format!("there is no function `{}`", cut(&call.name)));
        let problem = match FUNCTIONS.iter().find(|function| function.name == call.name) {
            Some(function) => Problem { message: format!("`{}` is not called in this way", call.name), ..problem }
                .help(format!("write for example `{}`", first(function.usage))),
            None => {
                let names = FUNCTIONS.iter().map(|function| function.name).collect();
                problem.names(&call.name, "the functions are", names)
            }
        };
        self.problems.push(problem);
        None
    }

    /// Report a wrong number of arguments.
    fn counted<T>(&mut self, call: &Call) -> Option<T> {
        let usage = FUNCTIONS.iter().find(|function| function.name == call.name).map_or("", |function| function.usage);
        let given = call.args.len();
        let message = format!("`{}` does not take {given} argument{}", call.name, if given == 1 { "" } else { "s" });
        self.problems
            .push(Problem::new(call.at.clone(), message).help(format!("write for example `{}`", first(usage))));
        None
    }

    fn has(&mut self, call: &Call) -> Option<(Op, Type)> {
        let [argument] = call.args.as_slice() else { return self.counted(call) };
        let Expr::Select(of, field, at) = &argument.expr else {
            let problem = Problem::new(argument.span.clone(), "`has` takes a field");
            self.problems.push(problem.help("write for example `has(resource.kms_key)`; a key that is no plain name is asked for with `'cost centre' in resource.tags`"));
            return None;
        };
        let (node, ty) = self.check(of)?;
        let op = match ty {
            Type::Record(record) => Op::HasField(Box::new(node), self.field(record, field, at)?.0),
            Type::Map(_) => {
                let key = Node { span: at.clone(), op: Op::Text(field.clone()) };
                Op::HasKey(Box::new(node), Box::new(key))
            }
            ty => {
                self.problems.push(super::no_fields(&ty, field, at));
                return None;
            }
        };
        Some((op, Type::Bool))
    }

    fn each(&mut self, kind: Macro, target: &Tree, call: &Call) -> Option<(Op, Type)> {
        let range = self.check(target);
        let (item, bodies) = match (call.args.split_first(), kind) {
            (Some((item, bodies)), Macro::Map) if matches!(bodies.len(), 1 | 2) => (item, bodies),
            (Some((item, bodies)), _) if bodies.len() == 1 && kind != Macro::Map => (item, bodies),
            _ => return self.counted(call),
        };
        let (range, ty) = range?;
        let ty = match ty {
            Type::List(item) => *item,
            Type::Map(_) => Type::Text,
            ty => {
                let problem =
                    Problem::new(range.span, format!("`{}` looks at the items of a list, not at {ty}", call.name));
                self.problems.push(problem);
                return None;
            }
        };
        let Expr::Name(name) = &item.expr else {
            let problem = Problem::new(item.span.clone(), format!("`{}` begins with a name for the item", call.name));
            self.problems.push(problem.help(format!("write for example `.{}(p, …)`", call.name)));
            return None;
        };
        if self.items.iter().any(|(known, _)| known == name) || self.schema.field(name).is_some() {
            let problem = Problem::new(item.span.clone(), format!("`{}` means something else already", cut(name)));
            self.problems.push(problem.help("take another name for the item"));
            return None;
        }
        let slot = self.items.len();
        if slot >= MOST_LOOPS {
            let message = format!("more than {MOST_LOOPS} loops stand within each other");
            self.problems.push(Problem::new(call.at.clone(), message));
            return None;
        }
        self.loops = self.loops.max(slot + 1);
        self.items.push((name.clone(), ty.clone()));
        let checked: Vec<Checked> = bodies
            .iter()
            .enumerate()
            .map(|(place, body)| match kind {
                Macro::Map if place + 1 == bodies.len() => self.check(body),
                _ => self.bool(body, &format!("`{}`", call.name)).map(|node| (node, Type::Bool)),
            })
            .collect();
        self.items.pop();
        let checked = checked.into_iter().collect::<Option<Vec<_>>>()?;
        let ty = match kind {
            Macro::All | Macro::Exists | Macro::ExistsOne => Type::Bool,
            Macro::Filter => Type::List(Box::new(ty)),
            Macro::Map => Type::List(Box::new(checked.last().map_or(Type::Any, |(_, ty)| ty.clone()))),
        };
        let bodies = checked.into_iter().map(|(node, _)| node).collect();
        Some((Op::Loop(kind, slot, Box::new(range), bodies), ty))
    }

    /// Lengths of time and instants, which are read when the policy is loaded.
    fn literal(&mut self, call: &Call, span: &Range<usize>) -> Option<(Op, Type)> {
        let [argument] = call.args.as_slice() else { return self.counted(call) };
        let Expr::Text(text) = &argument.expr else {
            let problem =
                Problem::new(argument.span.clone(), format!("`{}` takes a text that stands there", call.name));
            let usage =
                FUNCTIONS.iter().find(|function| function.name == call.name).map_or("", |function| function.usage);
            self.problems.push(problem.help(format!("write for example `{usage}`")));
            return None;
        };
        if call.name == "timestamp" {
            if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                return Some((Op::Time(at.to_utc()), Type::Time));
            }
            let problem = Problem::new(argument.span.clone(), format!("`{}` is not an instant", cut(text)));
            self.problems.push(problem.help("write date, time and zone: `timestamp('2026-01-31T00:00:00Z')`"));
            return None;
        }
        match text.parse::<Span>() {
            Ok(length) => Some((Op::Span(length.delta()), Type::Span)),
            Err(error) => {
                let message = error.to_string();
                let why = message.rsplit_once("` is not a length of time: ").map_or("", |(_, why)| why).to_owned();
                debug_assert!(span.start <= argument.span.start, "an argument stands in its call");
                let problem = Problem::new(argument.span.clone(), format!("`{}` is not a length of time", cut(text)));
                self.problems.push(problem.help(why));
                None
            }
        }
    }

    fn matches(&mut self, call: &Call) -> Option<(Op, Type)> {
        let (text, pattern) = match (&call.target, call.args.as_slice()) {
            (Some(text), [pattern]) => (&**text, pattern),
            (None, [text, pattern]) => (text, pattern),
            _ => return self.counted(call),
        };
        let checked = self.text(text, "matches");
        let Expr::Text(source) = &pattern.expr else {
            let problem = Problem::new(pattern.span.clone(), "the regular expression must stand there as a text");
            self.problems.push(problem.help("it is looked at when the policy is loaded"));
            return None;
        };
        match RegexBuilder::new(source).size_limit(LARGEST_REGEX).dfa_size_limit(LARGEST_REGEX).nest_limit(32).build() {
            Ok(regex) => Some((Op::Matches(Box::new(checked?), regex), Type::Bool)),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let problem =
                    Problem::new(pattern.span.clone(), format!("`{}` is not a regular expression", cut(source)));
                self.problems.push(problem.help(why));
                None
            }
        }
    }

    /// An operand that must be a text.
    fn text(&mut self, tree: &Tree, of: &str) -> Option<Node> {
        let (node, ty) = self.check(tree)?;
        if ty.is_text() {
            return Some(node);
        }
        self.problems.push(Problem::new(node.span, format!("`{of}` takes string, not {ty}")));
        None
    }

    fn function(&mut self, call: &Call) -> Option<(Op, Type)> {
        let is_method = call.target.is_some();
        let builtin = match (call.name.as_str(), is_method) {
            ("size", _) => Builtin::Size,
            ("startsWith", true) => Builtin::StartsWith,
            ("endsWith", true) => Builtin::EndsWith,
            ("contains", true) => Builtin::Contains,
            ("lowerAscii", true) => Builtin::LowerAscii,
            ("int", false) => Builtin::Int,
            ("double", false) => Builtin::Double,
            ("string", false) => Builtin::Text,
            _ => return self.unknown(call),
        };
        let operands: Vec<&Tree> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (builtin, operands.as_slice()) {
            (Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains, [text, part]) => {
                let (text, part) = (self.text(text, &call.name), self.text(part, &call.name));
                Some((Op::Call(builtin, vec![text?, part?]), Type::Bool))
            }
            (Builtin::LowerAscii, [text]) => {
                let text = self.text(text, &call.name)?;
                Some((Op::Call(builtin, vec![text]), Type::Text))
            }
            (Builtin::Size | Builtin::Int | Builtin::Double | Builtin::Text, [operand]) => {
                let (node, ty) = self.check(operand)?;
                let single = ty.is_number() || ty.is_text();
                let (good, gives) = match builtin {
                    Builtin::Size => (ty.is_text() || matches!(ty, Type::List(_) | Type::Map(_)), Type::Int),
                    Builtin::Int => (single, Type::Int),
                    Builtin::Double => (single, Type::Double),
                    _ => (single || matches!(ty, Type::Bool | Type::Time | Type::Span), Type::Text),
                };
                if good {
                    return Some((Op::Call(builtin, vec![node]), gives));
                }
                self.problems.push(Problem::new(node.span, format!("`{}` does not take {ty}", call.name)));
                None
            }
            _ => self.counted(call),
        }
    }
}

/// The first of several ways to write it.
fn first(usage: &str) -> &str {
    match usage.split_once("), ") {
        Some((first, _)) => usage.get(..=first.len()).unwrap_or(usage),
        None => usage,
    }
}
