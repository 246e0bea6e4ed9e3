//! Operators: which types they take, and what they give.

use std::ops::Range;

use super::{Checker, Op};
use crate::cel::Problem;
use crate::cel::syntax::cut;
use crate::cel::tree::{Binary, Expr, Tree};
use crate::cel::types::Type;

impl Checker {
    pub(super) fn negate(&mut self, operand: &Tree) -> Option<(Op, Type)> {
        let (node, ty) = self.check(operand)?;
        if ty.is_number() {
            return Some((Op::Negate(Box::new(node)), ty));
        }
        self.problems.push(Problem::new(node.span, format!("`-` takes a number, not {ty}")));
        None
    }

    pub(super) fn binary(&mut self, operator: Binary, sides: &[Tree; 2], span: &Range<usize>) -> Option<(Op, Type)> {
        let [left, right] = sides;
        let (one, two) = (self.check(left), self.check(right));
        let ((left_node, one), (right_node, two)) = (one?, two?);
        match operator {
            Binary::Equal | Binary::Unequal => {
                self.word(&one, right);
                self.word(&two, left);
            }
            Binary::In => {
                if let Expr::List(items) = &right.expr {
                    items.iter().for_each(|item| self.word(&one, item));
                }
                if let Type::List(item) = &two {
                    self.word(item, left);
                }
            }
            _ => {}
        }
        if operator == Binary::In {
            let (left, right) = (Box::new(left_node), Box::new(right_node));
            return match &two {
                Type::Map(_) if one.is_text() => Some((Op::HasKey(right, left), Type::Bool)),
                Type::List(item) if comparable(&one, item) => Some((Op::InList(left, right), Type::Bool)),
                _ => self.misfit(operator, &one, &two, span),
            };
        }
        match result(operator, &one, &two) {
            Some(ty) => Some((Op::Binary(operator, Box::new([left_node, right_node])), ty)),
            None => self.misfit(operator, &one, &two, span),
        }
    }

    /// A literal that is compared with one of a few words must be one of them: a slip of the pen would make the
    /// comparison always false.
    fn word(&mut self, ty: &Type, literal: &Tree) {
        let (Type::Word(words), Expr::Text(text)) = (ty, &literal.expr) else { return };
        if !words.contains(&text.as_str()) {
            let problem = Problem::new(literal.span.clone(), format!("`{}` is never the value here", cut(text)));
            self.problems.push(problem.names(text, "the words are", words.to_vec()));
        }
    }

    fn misfit<T>(&mut self, operator: Binary, one: &Type, two: &Type, span: &Range<usize>) -> Option<T> {
        let sign = operator.sign();
        let problem = Problem::new(span.clone(), format!("`{sign}` does not go with {one} and {two}"));
        let help = match (operator, one, two) {
            (_, Type::Int, Type::Double) => "write `double(…)` around the whole number",
            (_, Type::Double, Type::Int) => "write the whole number with a fraction, or `double(…)` around it",
            (Binary::In, _, Type::Record(_)) => "ask whether a field is there with `has(…)`",
            (Binary::In, ..) => "`in` looks for an item in a list of its type, or for a key in a map",
            (_, one, two) if one.has_record() || two.has_record() => "compare their fields",
            (Binary::Add, one, two) if one.is_text() || two.is_text() => "write `string(…)` around what is no text",
            (_, Type::Span, two) if two.is_number() => "a length of time is written `duration('35d')`",
            (_, one, Type::Span) if one.is_number() => "a length of time is written `duration('35d')`",
            (_, Type::Span, two) | (_, two, Type::Span) if two.is_text() => {
                "a length of time is written `duration('35d')`"
            }
            (_, Type::Time, two) | (_, two, Type::Time) if two.is_text() => {
                "an instant is written `timestamp('2026-01-31T00:00:00Z')`"
            }
            (_, one, two) if one.is_number() && two.is_text() => {
                "a number is written without quotes; `int(…)` makes one of a text"
            }
            (_, one, two) if one.is_text() && two.is_number() => {
                "a number is written without quotes; `int(…)` makes one of a text"
            }
            _ => "",
        };
        self.problems.push(if help.is_empty() { problem } else { problem.help(help) });
        None
    }
}

/// Whether `==` means something: of one type, or two numbers.
fn comparable(one: &Type, two: &Type) -> bool {
    (one.join(two).is_some() || (one.is_number() && two.is_number())) && !one.has_record() && !two.has_record()
}

/// What an operator gives for operands of these types.
fn result(operator: Binary, one: &Type, two: &Type) -> Option<Type> {
    use Type::{Double, Int, List, Span, Time};
    let both = |ty: &Type| one == ty && two == ty;
    let numbers = one.is_number() && two.is_number();
    match operator {
        Binary::Equal | Binary::Unequal => comparable(one, two).then_some(Type::Bool),
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            (numbers || both(&Time) || both(&Span) || (one.is_text() && two.is_text())).then_some(Type::Bool)
        }
        Binary::In => None,
        _ if both(&Int) => Some(Int),
        Binary::Remainder => None,
        _ if both(&Double) => Some(Double),
        Binary::Multiply | Binary::Divide => None,
        _ if both(&Span) => Some(Span),
        Binary::Subtract if both(&Time) => Some(Span),
        _ if *one == Time && *two == Span => Some(Time),
        Binary::Subtract => None,
        _ if *one == Span && *two == Time => Some(Time),
        _ if one.is_text() && two.is_text() => Some(Type::Text),
        _ if matches!((one, two), (List(_), List(_))) => one.join(two),
        _ => None,
    }
}
