//! Text broken into lines of a given width. Nothing is lost: long words are broken too.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes.
pub(super) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Break `text` at spaces into lines of at most `width` columns, the first of at most `first`.
pub(super) fn wrap(text: &str, first: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used, mut limit) = (String::new(), 0, first.max(2));
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ');
        if used > 0 && used + columns(bare) > limit {
            lines.push(std::mem::take(&mut line));
            (used, limit) = (0, width.max(2));
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > limit {
                if c == ' ' {
                    continue;
                }
                lines.push(std::mem::take(&mut line));
                (used, limit) = (0, width.max(2));
            }
            line.push(c);
            used += wide;
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// `text` in at most `width` columns, shortened in the middle: the end of an ARN tells most.
pub(super) fn middle(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = taken(text.chars(), room / 3);
    let tail: String = taken(text.chars().rev(), room - columns(&head)).chars().rev().collect();
    format!("{head}…{tail}")
}

fn taken(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arns_keep_both_ends() {
        let arn = "arn:aws:ec2:us-east-1:111122223333:volume/vol-0123456789abcdef0";
        assert_eq!(middle(arn, 40), "arn:aws:ec2:u…lume/vol-0123456789abcdef0");
        assert_eq!(middle(arn, 63), arn);
    }

    proptest! {
        #[test]
        fn lines_fit_and_nothing_is_lost(text in "[a-z 備é🗄]{0,80}", first in 2_usize..30, width in 2_usize..30) {
            let lines = wrap(&text, first, width);
            for (at, line) in lines.iter().enumerate() {
                let limit = if at == 0 { first } else { width };
                prop_assert!(columns(line) <= limit);
            }
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }

        #[test]
        fn shortened_text_fits(text in "\\PC{0,80}", width in 2_usize..40) {
            prop_assert!(columns(&middle(&text, width)) <= width);
        }
    }
}
