//! Texts of TOML as they are written: where each byte of a text stands in its quotes.

/// For each byte of `text`, and for its end, where it begins in `written`, the text in its quotes. `None` when
/// the two do not belong together.
pub(super) fn places(written: &str, text: &str) -> Option<Vec<usize>> {
    let quote = if written.starts_with('"') { "\"" } else { "'" };
    let triple = quote.repeat(3);
    let is_long = written.len() >= 6 && written.starts_with(&triple) && written.ends_with(&triple);
    let width = if is_long { 3 } else { 1 };
    let end = written.len().checked_sub(width).filter(|end| *end >= width && written.starts_with(quote))?;
    let mut at = width;
    if is_long {
        // A line break at once after the quotes is no part of the text.
        let rest = written.get(at..)?;
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let mut found = String::new();
    let mut places = Vec::with_capacity(text.len() + 1);
    while at < end {
        let rest = written.get(at..end)?;
        let first = rest.chars().next()?;
        let (read, length) =
            if first == '\\' && quote == "\"" { escape(rest)? } else { (Some(first), first.len_utf8()) };
        if let Some(char) = read {
            // The loader reads every line break as a line feed.
            let dropped = char == '\r' && rest.starts_with("\r\n") && !text.get(found.len()..)?.starts_with('\r');
            if !dropped {
                places.extend(std::iter::repeat_n(at, char.len_utf8()));
                found.push(char);
            }
        }
        at += length;
    }
    places.push(end);
    (found == text).then_some(places)
}

/// The character of an escape, none for a line that goes on, and the bytes that it takes.
fn escape(rest: &str) -> Option<(Option<char>, usize)> {
    let kind = rest.chars().nth(1)?;
    let code = |digits: usize| {
        let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), 2 + digits))
    };
    let plain = |char| Some((Some(char), 2));
    match kind {
        'b' => plain('\u{8}'),
        't' => plain('\t'),
        'n' => plain('\n'),
        'f' => plain('\u{c}'),
        'r' => plain('\r'),
        'e' => plain('\u{1b}'),
        '"' => plain('"'),
        '\\' => plain('\\'),
        'x' => code(2),
        'u' => code(4),
        'U' => code(8),
        ' ' | '\t' | '\n' | '\r' => {
            let blank = rest.get(1..)?;
            Some((None, 1 + blank.len() - blank.trim_start_matches([' ', '\t', '\n', '\r']).len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text as TOML reads it, and what stands where each of its characters is said to be.
    fn seen(written: &str) -> (String, Vec<String>) {
        let table: toml::Table = toml::from_str(&format!("t = {written}")).unwrap();
        let text = table["t"].as_str().unwrap().to_owned();
        let places = places(written, &text).unwrap();
        let starts = text.char_indices().map(|(at, _)| written[places[at]..].chars().take(2).collect());
        (text.clone(), starts.collect())
    }

    #[test]
    fn every_byte_has_its_place() {
        assert_eq!(seen("'a\\b'").1, ["a\\", "\\b", "b'"]);
        assert_eq!(seen("\"a\\\"é\\u00e9\\\\b\"").1, ["a\\", "\\\"", "é\\", "\\u", "\\\\", "b\""]);
        assert_eq!(seen("\"\"\"\na\n b\\\n   c\"\"\"").1, ["a\n", "\n ", " b", "b\\", "c\""]);
        assert_eq!(seen("'''\r\na\r\nb'''").0.replace('\r', ""), "a\nb");
        assert_eq!(seen("'''a''''").1, ["a'", "''"]);
        assert_eq!(seen("\"\"").1, Vec::<String>::new());
    }

    #[test]
    fn what_does_not_belong_together_has_no_places() {
        assert_eq!(places("'a'", "b"), None);
        assert_eq!(places("\"\\q\"", "q"), None);
        assert_eq!(places("", ""), None);
        assert_eq!(places("'", ""), None);
        assert_eq!(places("\"\\u12\"", ""), None);
    }
}
