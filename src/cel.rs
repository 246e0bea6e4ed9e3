//! A documented subset of CEL, the Common Expression Language: text → syntax tree → typed program → an
//! evaluation in three values.
//!
//! ```text
//! text ─ lex ─ syntax ─► tree ─ check (against a Schema) ─► Program ─ eval (over Facts) ─► true, false, unknown
//!                         └────────── Problems, each with its place in the text ──────────┘
//! ```
//!
//! Here live the language and nothing of what it speaks about: the facts are declared elsewhere, as
//! [`Record`]s, and read through [`Facts`]. Everything that can be told from the text is told when it is
//! compiled: names, types, literals. What only the facts can tell is `unknown` when they do not tell it. The
//! parser is our own: the one of the `cel` crate overflows the stack of a thread on 4 KiB of `a.a.a…`,
//! loses the place of names, and takes `--a` for `a`.

mod check;
mod eval;
mod functions;
mod lex;
#[cfg(test)]
mod properties;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
mod types;
mod value;

use std::ops::Range;

pub use eval::{Evaluation, Missing, Seen, Truth, Why};
pub use functions::{FUNCTIONS, Function};
pub use types::{Facts, Field, Got, Handle, Record, Shape, Type};
pub use value::{List, Value};

/// The longest text that is looked at, in bytes.
pub const LONGEST: usize = 4_096;

/// The steps after which an evaluation is given up: each operation is one, and each piece of text or list that
/// is copied or searched is more.
pub const MOST_STEPS: u64 = 2_000_000;

/// Loops within loops that are allowed.
pub const MOST_LOOPS: usize = 3;

/// A checked expression that gives `true` or `false`.
#[derive(Debug)]
pub struct Program {
    schema: &'static Record,
    root: check::Node,
    loops: usize,
    uses: Vec<Use>,
}

/// A field that a program asks for.
#[derive(Clone, Debug)]
pub struct Use {
    /// The record.
    pub record: &'static Record,
    /// The place of the field in it.
    pub field: usize,
    /// Where its name stands.
    pub span: Range<usize>,
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// What is wrong, in a line.
    pub message: String,
    /// What to do.
    pub help: Help,
}

/// What to do about a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Help {
    /// Nothing that is not plain from the message.
    None,
    /// In a sentence.
    Text(String),
    /// A name that nobody knows, and those that there are: whoever shows the problem says which was meant.
    Names {
        /// The unknown name.
        word: String,
        /// How a list of the known ones begins, such as `its fields are`.
        what: String,
        /// The known ones.
        known: Vec<&'static str>,
    },
}

impl Problem {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Help::None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Help::Text(help.into());
        self
    }

    pub(crate) fn names(mut self, word: &str, what: impl Into<String>, known: Vec<&'static str>) -> Self {
        self.help = Help::Names { word: word.to_owned(), what: what.into(), known };
        self
    }
}

/// Compile a condition over the variables that are the fields of `schema`.
///
/// # Errors
/// Everything that is wrong with it; of the syntax, the first mistake.
pub fn compile(text: &str, schema: &'static Record) -> Result<Program, Vec<Problem>> {
    if text.len() > LONGEST {
        let message = format!("the expression is longer than {LONGEST} bytes");
        return Err(vec![Problem::new(0..text.len(), message).help("make two rules of it")]);
    }
    let tree = lex::tokens(text).and_then(|tokens| syntax::parse(text, &tokens)).map_err(|problem| vec![problem])?;
    check::program(&tree, schema)
}

impl Program {
    /// Every field that it names, in the order of the text.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// Evaluate it over facts; `facts` are those of the schema that it was compiled for.
    pub fn evaluate<'a>(&'a self, facts: &'a dyn Facts) -> Evaluation<'a> {
        eval::evaluate(self, facts)
    }
}
