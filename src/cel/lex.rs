//! Text to tokens: CEL's lexical grammar without bytes and unsigned numbers.

use std::ops::Range;

use super::Problem;

/// A token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word(String),
    /// A whole number without its sign.
    Int(u64),
    Double(f64),
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Longer ones first, so that `<=` is not read as `<`.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}", ".", ",",
    "?", ":",
];

/// All tokens, the end among them.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.blank();
        let start = lexer.at;
        let kind = lexer.token()?;
        let is_end = kind == Kind::End;
        tokens.push(Token { kind, span: start..lexer.at });
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// Take what fits, and give it back.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &str {
        let length = self.rest().find(|char| !fits(char)).unwrap_or(self.rest().len());
        let start = self.at;
        self.at += length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn blank(&mut self) {
        loop {
            self.take(|char| matches!(char, ' ' | '\t' | '\n' | '\r' | '\x0c'));
            if !self.eat("//") {
                return;
            }
            self.take(|char| char != '\n');
        }
    }

    fn token(&mut self) -> Result<Kind, Problem> {
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(Kind::End) };
        let second = self.rest().chars().nth(1);
        if first.is_ascii_digit() || (first == '.' && second.is_some_and(|char| char.is_ascii_digit())) {
            return self.number();
        }
        if matches!(first, '\'' | '"') {
            return self.string(start, false);
        }
        if matches!(second, Some('\'' | '"')) && matches!(first, 'r' | 'R') {
            self.at += 1;
            return self.string(start, true);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let word = self.take(|char| char.is_ascii_alphanumeric() || char == '_').to_owned();
            if matches!(self.peek(), Some('\'' | '"')) && word.chars().all(|char| "bBrR".contains(char)) {
                return Err(Problem::new(start..self.at + 1, "bytes are not used here").help("write a text: `'…'`"));
            }
            return Ok(Kind::Word(word));
        }
        if let Some(sign) = SIGNS.iter().find(|sign| self.rest().starts_with(**sign)) {
            self.at += sign.len();
            return Ok(Kind::Sign(sign));
        }
        self.at += first.len_utf8();
        let problem = Problem::new(start..self.at, format!("{} means nothing here", shown(first)));
        Err(match first {
            '=' => Problem { message: "`=` is no operator".to_owned(), ..problem }.help("compare with `==`"),
            '&' => problem.help("*and* is written `&&`"),
            '|' => problem.help("*or* is written `||`"),
            '`' => problem.help("a key that is no plain name stands in brackets: `resource.tags['cost centre']`"),
            '‘' | '’' | '“' | '”' => problem.help("texts stand in straight quotes: `'…'`"),
            _ => problem,
        })
    }

    fn number(&mut self) -> Result<Kind, Problem> {
        let start = self.at;
        let bad = |lexer: &Self, message: &str| Problem::new(start..lexer.at, message.to_owned());
        if self.eat("0x") || self.eat("0X") {
            let digits = self.take(|char| char.is_ascii_hexdigit()).to_owned();
            let value = u64::from_str_radix(&digits, 16).map_err(|_| bad(self, "this is not a whole number"))?;
            return self.number_ends(start, Kind::Int(value));
        }
        let whole = self.take(|char| char.is_ascii_digit()).to_owned();
        let mut text = whole.clone();
        let second = self.rest().chars().nth(1);
        if self.peek() == Some('.') && second.is_some_and(|char| char.is_ascii_digit()) {
            self.at += 1;
            text = format!("{whole}.{}", self.take(|char| char.is_ascii_digit()));
        }
        let before = self.at;
        if self.eat("e") || self.eat("E") {
            let sign = if self.eat("-") { "-" } else { "" };
            self.eat("+");
            let digits = self.take(|char| char.is_ascii_digit()).to_owned();
            if digits.is_empty() {
                self.at = before;
            } else {
                text = format!("{text}e{sign}{digits}");
            }
        }
        if text == whole {
            let value = whole.parse().map_err(|_| bad(self, "this number is too large"))?;
            return self.number_ends(start, Kind::Int(value));
        }
        let value = if text.starts_with('.') { format!("0{text}").parse() } else { text.parse::<f64>() };
        match value {
            Ok(value) if value.is_finite() => self.number_ends(start, Kind::Double(value)),
            _ => Err(bad(self, "this number is too large")),
        }
    }

    /// No name may follow a number at once: `35d` and `7u` look like something and are nothing.
    fn number_ends(&mut self, start: usize, kind: Kind) -> Result<Kind, Problem> {
        let digits = self.at;
        let unit = self.take(|char| char.is_ascii_alphanumeric() || char == '_').to_owned();
        let whole = self.text.get(start..self.at).unwrap_or_default();
        let number = self.text.get(start..digits).unwrap_or_default();
        match unit.as_str() {
            "" => Ok(kind),
            "u" | "U" => {
                Err(Problem::new(start..self.at, "unsigned numbers are not used here")
                    .help(format!("write `{number}`")))
            }
            "w" | "d" | "h" | "m" | "s" => Err(Problem::new(start..self.at, format!("`{whole}` is not a number"))
                .help(format!("a length of time is written `duration('{whole}')`"))),
            _ => Err(Problem::new(start..self.at, format!("`{whole}` is not a number"))),
        }
    }

    fn string(&mut self, start: usize, raw: bool) -> Result<Kind, Problem> {
        let quote = if self.peek() == Some('"') { "\"" } else { "'" };
        let triple = quote.repeat(3);
        let end = if self.eat(&triple) { triple.as_str() } else { self.rest().get(..1).map_or("'", |_| quote) };
        if end == quote {
            self.at += 1;
        }
        let mut text = String::new();
        loop {
            if self.eat(end) {
                return Ok(Kind::Text(text));
            }
            let at = self.at;
            match self.next() {
                Some('\\') if !raw => text.push(self.escape(at)?),
                Some('\n' | '\r') if end == quote => {
                    return Err(Problem::new(start..at, "this text does not end on its line")
                        .help(format!("close it with `{quote}`; a text of many lines stands in three quotes")));
                }
                Some(char) => text.push(char),
                None => {
                    return Err(
                        Problem::new(start..at, "this text does not end").help(format!("close it with `{end}`"))
                    );
                }
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<char, Problem> {
        let kind = self.next();
        let (digits, radix) = match kind {
            Some(char @ ('\\' | '\'' | '"' | '`' | '?')) => return Ok(char),
            Some('n') => return Ok('\n'),
            Some('t') => return Ok('\t'),
            Some('r') => return Ok('\r'),
            Some('a') => return Ok('\x07'),
            Some('b') => return Ok('\x08'),
            Some('f') => return Ok('\x0c'),
            Some('v') => return Ok('\x0b'),
            Some('x' | 'X') => (2, 16),
            Some('u') => (4, 16),
            Some('U') => (8, 16),
            Some('0'..='3') => {
                self.at -= 1;
                (3, 8)
            }
            _ => (0, 16),
        };
        let from = self.at;
        let taken: String = self.rest().chars().take(digits).take_while(|char| char.is_digit(radix)).collect();
        self.at += taken.len();
        let code = if taken.len() == digits && digits > 0 { u32::from_str_radix(&taken, radix).ok() } else { None };
        code.and_then(char::from_u32).ok_or_else(|| {
            let end = self.at.max(from);
            let written = self.text.get(start..end).unwrap_or_default();
            Problem::new(start..end, format!("`{written}` is no escape"))
                .help("a backslash is written `\\\\`, or the text with an `r` in front: `r'\\d'`")
        })
    }
}

/// A character for a message.
fn shown(char: char) -> String {
    if char.is_control() { format!("the character U+{:04X}", u32::from(char)) } else { format!("`{char}`") }
}
