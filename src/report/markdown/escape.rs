//! Text that GitHub shows as it stands: no markup, no HTML, no mention, no reference, no link.

use std::borrow::Cow;

use super::super::safe::visible;
use super::super::words;

/// One text may not take the room of all others.
const LONGEST: usize = 1_000;

/// The text on one line, and not longer than a comment can bear.
fn brief(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        None => visible(text),
        Some((at, _)) => {
            let (kept, rest) = text.split_at(at);
            Cow::Owned(format!("{}… ({} more characters)", visible(kept), rest.chars().count()))
        }
    }
}

/// Prose. A zero-width space follows what GitHub would otherwise turn into a mention or link.
pub(in crate::report) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let shown = brief(text);
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '$' => out.push_str("<span>$</span>"),
            '@' | '#' => {
                out.push(c);
                out.push_str("&#8203;");
            }
            ':' if opens(&out, chars.peek().copied()) => out.push_str(":&#8203;"),
            '.' if ends_with_www(&out) => out.push_str("&#8203;."),
            '-' if ends_with_gh(&out) => out.push_str("&#8203;-"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a colon could start `://` or an emoji's name; between digits it stands in a time.
fn opens(before: &str, next: Option<char>) -> bool {
    match next {
        Some(c) if c.is_ascii_digit() => !before.ends_with(|c: char| c.is_ascii_digit()),
        Some(c) => c.is_ascii_alphabetic() || matches!(c, '/' | '+' | '-'),
        None => false,
    }
}

fn ends_with_www(out: &str) -> bool {
    out.get(out.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

fn ends_with_gh(out: &str) -> bool {
    out.get(out.len().saturating_sub(2)..).is_some_and(|end| end.eq_ignore_ascii_case("gh"))
}

/// Prose in which commands stand between backticks.
pub(in crate::report) fn ticked(text: &str) -> String {
    words::ticked(text)
        .into_iter()
        .map(|(is_code, part)| if is_code { code(part, false) } else { prose(part) })
        .collect()
}

/// An identifier in a code span, where nothing is interpreted. In a table, where a pipe would end the
/// cell and readers differ on how to escape it within code, an identifier with one is set as prose.
pub(in crate::report) fn code(text: &str, in_table: bool) -> String {
    let shown = brief(text);
    if shown.trim().is_empty() {
        return "–".to_owned();
    }
    if in_table && shown.contains('|') {
        return prose(text);
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if shown.starts_with(['`', ' ']) || shown.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_interpreted() {
        assert_eq!(prose("a|b [x](y) <i> @me #1 *"), "a\\|b \\[x\\](y) &lt;i&gt; @&#8203;me #&#8203;1 \\*");
        assert_eq!(prose("see https://x.y, www.x.y"), "see https:&#8203;//x.y, www&#8203;.x.y");
        assert_eq!(code("a`b|c", true), "a\\`b\\|c");
        assert_eq!(code("a`b|c", false), "``a`b|c``");
        assert_eq!(code("`", false), "`` ` ``");
    }
}
