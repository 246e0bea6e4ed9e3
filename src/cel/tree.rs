//! The tree of an expression, as it is written.

use std::ops::Range;

/// An expression and its place.
#[derive(Debug, PartialEq)]
pub(super) struct Tree {
    pub(super) span: Range<usize>,
    pub(super) expr: Expr,
    /// How many operations stand upon each other in it.
    pub(super) depth: usize,
}

/// An expression.
#[derive(Debug, PartialEq)]
pub(super) enum Expr {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
    Null,
    Name(String),
    /// `of.field`, with the place of the field's name.
    Select(Box<Tree>, String, Range<usize>),
    Index(Box<Tree>, Box<Tree>),
    Call(Call),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    If(Box<[Tree; 3]>),
    Binary(Binary, Box<[Tree; 2]>),
}

/// A call of a function, a method or a macro.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub(super) target: Option<Box<Tree>>,
    pub(super) name: String,
    pub(super) at: Range<usize>,
    pub(super) args: Vec<Tree>,
}

/// An operator of two operands, except `&&` and `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// How it is written.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// The operators, those that bind least first.
pub(super) const LEVELS: [&[Binary]; 3] = [
    &[
        Binary::Equal,
        Binary::Unequal,
        Binary::Less,
        Binary::LessOrEqual,
        Binary::Greater,
        Binary::GreaterOrEqual,
        Binary::In,
    ],
    &[Binary::Add, Binary::Subtract],
    &[Binary::Multiply, Binary::Divide, Binary::Remainder],
];

impl Expr {
    /// The depth of the deepest operand.
    pub(super) fn deepest(&self) -> usize {
        let most = |trees: &[Tree]| trees.iter().map(|tree| tree.depth).max().unwrap_or_default();
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Double(_) | Self::Text(_) | Self::Null | Self::Name(_) => 0,
            Self::Select(of, ..) | Self::Not(of) | Self::Negate(of) => of.depth,
            Self::Index(of, key) => of.depth.max(key.depth),
            Self::Call(call) => most(&call.args).max(call.target.as_ref().map_or(0, |target| target.depth)),
            Self::List(items) | Self::And(items) | Self::Or(items) => most(items),
            Self::Map(entries) => {
                entries.iter().map(|(key, value)| key.depth.max(value.depth)).max().unwrap_or_default()
            }
            Self::If(parts) => most(&**parts),
            Self::Binary(_, sides) => most(&**sides),
        }
    }
}
