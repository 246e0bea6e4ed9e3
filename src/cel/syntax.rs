//! Tokens to a tree, by CEL's grammar. The depth of the tree is limited here, so that whoever walks it may
//! recurse.

use std::ops::Range;

use super::Problem;
use super::lex::{Kind, Token};
use super::tree::{Binary, Call, Expr, LEVELS, Tree};

/// Brackets within brackets.
const DEEPEST_NESTING: usize = 32;

/// Operations upon operations, however they are written: `a.b.c`, `1 + 2 + 3`.
const DEEPEST_TREE: usize = 64;

/// Words that CEL keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The whole text as one expression.
pub(super) fn parse(text: &str, tokens: &[Token]) -> Result<Tree, Problem> {
    let mut parser = Parser { text, tokens, at: 0, nesting: 0 };
    let tree = parser.expression()?;
    match parser.peek() {
        Some(Token { kind: Kind::End, .. }) | None => Ok(tree),
        Some(token) => Err(parser.unexpected(token)),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    /// The place of the next token.
    fn place(&self) -> Range<usize> {
        self.peek().map_or(self.text.len()..self.text.len(), |token| token.span.clone())
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: Kind::Sign(found), .. }) if *found == sign)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str, what: &str, opened: &Range<usize>) -> Result<(), Problem> {
        if self.eat(sign) {
            return Ok(());
        }
        match self.peek() {
            Some(Token { kind: Kind::End, .. }) | None => {
                Err(Problem::new(opened.clone(), format!("{what} is not closed"))
                    .help(format!("close it with `{sign}`")))
            }
            Some(token) => Err(self.unexpected(token)),
        }
    }

    fn unexpected(&self, token: &Token) -> Problem {
        let written = self.text.get(token.span.clone()).unwrap_or_default();
        if token.kind == Kind::End {
            let end = self.text.trim_end().len();
            let message = if end == 0 { "the expression is empty" } else { "the expression ends too early" };
            let last = self.tokens.iter().rev().nth(1).map_or(0..end, |token| token.span.clone());
            return Problem::new(last, message);
        }
        let problem = Problem::new(token.span.clone(), format!("`{}` is not expected here", cut(written)));
        match written {
            "and" | "AND" => problem.help("*and* is written `&&`"),
            "or" | "OR" => problem.help("*or* is written `||`"),
            "not" | "NOT" => problem.help("*not* is written `!`"),
            "?" => problem.help("optional fields are not used here: ask with `has(…)`"),
            _ => problem,
        }
    }

    fn tree(&self, span: Range<usize>, expr: Expr) -> Result<Tree, Problem> {
        let depth = 1 + expr.deepest();
        if depth > DEEPEST_TREE {
            return Err(Problem::new(
                span,
                format!("the expression has more than {DEEPEST_TREE} operations upon each other"),
            )
            .help("make two rules of it, or use lists: `x in ['a', 'b']`"));
        }
        Ok(Tree { span, expr, depth })
    }

    fn expression(&mut self) -> Result<Tree, Problem> {
        self.nesting += 1;
        if self.nesting > DEEPEST_NESTING {
            return Err(Problem::new(
                self.place(),
                format!("the expression is nested more than {DEEPEST_NESTING} deep"),
            ));
        }
        let condition = self.any(true)?;
        let tree = if self.is("?") {
            let question = self.place();
            self.at += 1;
            let yes = self.any(true)?;
            self.expect(":", "the choice", &question)?;
            let no = self.expression()?;
            let span = condition.span.start..no.span.end;
            self.tree(span, Expr::If(Box::new([condition, yes, no])))
        } else {
            Ok(condition)
        };
        self.nesting -= 1;
        tree
    }

    /// Terms joined by `||`, or within them by `&&`.
    fn any(&mut self, or: bool) -> Result<Tree, Problem> {
        let sign = if or { "||" } else { "&&" };
        let first = if or { self.any(false)? } else { self.binary(0)? };
        if !self.is(sign) {
            return Ok(first);
        }
        let start = first.span.start;
        let mut terms = vec![first];
        while self.eat(sign) {
            terms.push(if or { self.any(false)? } else { self.binary(0)? });
        }
        let end = terms.last().map_or(start, |last| last.span.end);
        self.tree(start..end, if or { Expr::Or(terms) } else { Expr::And(terms) })
    }

    fn binary(&mut self, level: usize) -> Result<Tree, Problem> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            self.at += 1;
            let right = self.binary(level + 1)?;
            let span = left.span.start..right.span.end;
            left = self.tree(span, Expr::Binary(operator, Box::new([left, right])))?;
        }
        Ok(left)
    }

    fn operator(&self, among: &[Binary]) -> Option<Binary> {
        let written = match &self.peek()?.kind {
            Kind::Sign(sign) => *sign,
            Kind::Word(word) if word == "in" => "in",
            _ => return None,
        };
        among.iter().copied().find(|operator| operator.sign() == written)
    }

    /// Any number of `!` or of `-`, as CEL has it; each is kept, so that `--'a'` does not pass for `'a'`.
    fn unary(&mut self) -> Result<Tree, Problem> {
        let mut starts = Vec::new();
        let sign = if self.is("!") { "!" } else { "-" };
        while self.is(sign) {
            starts.push(self.place().start);
            self.at += 1;
        }
        if let (Some(start), Some(Token { kind: Kind::Int(number), span })) =
            (starts.last().copied().filter(|_| sign == "-"), self.peek())
        {
            let value = i64::try_from(-i128::from(*number)).map_err(|_| too_large(start..span.end))?;
            starts.pop();
            self.at += 1;
            let literal = self.tree(start..span.end, Expr::Int(value))?;
            let tree = self.member(literal)?;
            return self.signed(starts, sign, tree);
        }
        let primary = self.primary()?;
        let tree = self.member(primary)?;
        self.signed(starts, sign, tree)
    }

    fn signed(&self, starts: Vec<usize>, sign: &str, mut tree: Tree) -> Result<Tree, Problem> {
        for start in starts.into_iter().rev() {
            let span = start..tree.span.end;
            let operand = Box::new(tree);
            tree = self.tree(span, if sign == "!" { Expr::Not(operand) } else { Expr::Negate(operand) })?;
        }
        Ok(tree)
    }

    fn member(&mut self, mut tree: Tree) -> Result<Tree, Problem> {
        loop {
            let start = tree.span.start;
            let here = self.place();
            if self.eat(".") {
                let at = self.place();
                let Some(Token { kind: Kind::Word(name), .. }) = self.peek() else {
                    return Err(self
                        .peek()
                        .map_or_else(|| Problem::new(here, "a name must follow"), |t| self.unexpected(t)));
                };
                self.at += 1;
                tree = if self.is("(") {
                    let open = self.place();
                    let args = self.list("(", ")")?;
                    let call = Call { target: Some(Box::new(tree)), name: name.clone(), at, args };
                    self.tree(start..self.before(&open), Expr::Call(call))?
                } else {
                    self.tree(start..at.end, Expr::Select(Box::new(tree), name.clone(), at))?
                };
            } else if self.eat("[") {
                let key = self.expression()?;
                self.expect("]", "the bracket", &here)?;
                let span = start..self.before(&here);
                tree = self.tree(span, Expr::Index(Box::new(tree), Box::new(key)))?;
            } else {
                return Ok(tree);
            }
        }
    }

    /// The end of the token before the next one.
    fn before(&self, otherwise: &Range<usize>) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(otherwise.end, |token| token.span.end)
    }

    /// Expressions between brackets; one comma may follow the last.
    fn list(&mut self, open: &str, close: &str) -> Result<Vec<Tree>, Problem> {
        let opened = self.place();
        self.eat(open);
        let mut items = Vec::new();
        while !self.is(close) {
            items.push(self.expression()?);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(close, "the bracket", &opened)?;
        Ok(items)
    }

    fn primary(&mut self) -> Result<Tree, Problem> {
        let Some(token) = self.peek() else { return Err(Problem::new(self.place(), "the expression ends too early")) };
        let span = token.span.clone();
        let expr = match &token.kind {
            Kind::Int(number) => Expr::Int(i64::try_from(*number).map_err(|_| too_large(span.clone()))?),
            Kind::Double(number) => Expr::Double(*number),
            Kind::Text(text) => Expr::Text(text.clone()),
            Kind::Word(word) => return self.word(word, span),
            Kind::Sign("(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")", "the bracket", &span)?;
                return Ok(Tree { span: span.start..self.before(&span), ..inner });
            }
            Kind::Sign("[") => {
                let items = self.list("[", "]")?;
                return self.tree(span.start..self.before(&span), Expr::List(items));
            }
            Kind::Sign("{") => {
                let entries = self.entries(&span)?;
                return self.tree(span.start..self.before(&span), Expr::Map(entries));
            }
            _ => return Err(self.unexpected(token)),
        };
        self.at += 1;
        self.tree(span, expr)
    }

    fn entries(&mut self, opened: &Range<usize>) -> Result<Vec<(Tree, Tree)>, Problem> {
        self.at += 1;
        let mut entries = Vec::new();
        while !self.is("}") {
            let key = self.expression()?;
            self.expect(":", "the entry", &key.span)?;
            entries.push((key, self.expression()?));
            if !self.eat(",") {
                break;
            }
        }
        self.expect("}", "the bracket", opened)?;
        Ok(entries)
    }

    fn word(&mut self, word: &str, span: Range<usize>) -> Result<Tree, Problem> {
        self.at += 1;
        let expr = match word {
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "null" => Expr::Null,
            "in" => return Err(Problem::new(span, "`in` is not expected here")),
            _ if RESERVED.contains(&word) => {
                let problem = Problem::new(span, format!("`{word}` is a word that CEL keeps for itself"));
                return Err(if word == "if" {
                    problem.help("a choice is written `condition ? yes : no`")
                } else {
                    problem
                });
            }
            _ if self.is("(") => {
                let args = self.list("(", ")")?;
                let end = self.before(&span);
                let call = Call { target: None, name: word.to_owned(), at: span.clone(), args };
                return self.tree(span.start..end, Expr::Call(call));
            }
            _ => Expr::Name(word.to_owned()),
        };
        self.tree(span, expr)
    }
}

fn too_large(span: Range<usize>) -> Problem {
    Problem::new(span, "this number is too large")
}

/// What somebody wrote, not too long for a message.
pub(super) fn cut(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
