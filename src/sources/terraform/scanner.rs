//! The tokens of Terraform's language, as far as finding blocks needs them: strings with their interpolations, comments and
//! heredocs hide what looks like a block.

#[derive(Debug)]
pub(super) enum Token {
    Open,
    Close,
    Assign,
    Word(String),
    Text(String),
    Line,
}

/// The tokens of a file, with its comments kept aside.
pub(super) struct Scanner<'t> {
    rest: &'t str,
    /// The line that it has come to, from 1.
    pub(super) line: u32,
    /// Each comment with its line.
    pub(super) comments: Vec<(u32, String)>,
}

impl<'t> Scanner<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { rest: text, line: 1, comments: Vec::new() }
    }

    fn bump(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += u32::try_from(taken.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or_default();
        self.rest = rest;
    }

    /// The next token; none at the end.
    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            let c = self.rest.chars().next()?;
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.comments.push((self.line, self.rest.get(..end).unwrap_or_default().to_owned()));
                self.bump(end);
                continue;
            }
            if self.rest.starts_with("/*") {
                self.bump(self.rest.find("*/").map_or(self.rest.len(), |end| end + 2));
                continue;
            }
            if self.rest.starts_with("<<") && self.heredoc() {
                continue;
            }
            match c {
                '\n' => {
                    self.bump(1);
                    return Some(Token::Line);
                }
                '{' => {
                    self.bump(1);
                    return Some(Token::Open);
                }
                '}' => {
                    self.bump(1);
                    return Some(Token::Close);
                }
                '=' => {
                    self.bump(1);
                    return Some(Token::Assign);
                }
                '"' => return Some(Token::Text(self.quoted())),
                c if c.is_alphanumeric() || c == '_' => {
                    let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
                    let end = end.unwrap_or(self.rest.len());
                    let word = self.rest.get(..end).unwrap_or_default().to_owned();
                    self.bump(end);
                    return Some(Token::Word(word));
                }
                c => self.bump(c.len_utf8()),
            }
        }
    }

    /// A quoted text, with whatever is quoted inside its interpolations.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        let mut inner = 0_usize;
        let mut in_text = true;
        let mut end = self.rest.len();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            match c {
                '\\' if in_text => {
                    chars.next();
                }
                '"' if in_text && inner == 0 => {
                    end = at + 1;
                    break;
                }
                '"' => in_text = !in_text,
                '$' | '%' if in_text && next == Some('{') => {
                    inner += 1;
                    in_text = false;
                    chars.next();
                }
                '}' if !in_text => {
                    inner = inner.saturating_sub(1);
                    in_text = true;
                }
                // A line ends every text: one that is not closed is not followed through the file.
                '\n' if inner == 0 => {
                    end = at;
                    break;
                }
                c if inner == 0 => text.push(c),
                _ => {}
            }
        }
        self.bump(end);
        text
    }

    /// Skip a heredoc; false if it is none.
    fn heredoc(&mut self) -> bool {
        let after = self.rest.get(2..).unwrap_or_default();
        let name = after.strip_prefix('-').unwrap_or(after);
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            self.bump(2);
            return true;
        }
        let mut at = 0;
        for (index, line) in self.rest.split_inclusive('\n').enumerate() {
            at += line.len();
            if index > 0 && line.trim() == name {
                break;
            }
        }
        self.bump(at.saturating_sub(1).max(2));
        true
    }
}
