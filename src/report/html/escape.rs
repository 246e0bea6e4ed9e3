//! The one place where text becomes HTML.

use std::fmt::{self, Write as _};

use super::super::safe::{push_visible, visible};

/// Text as it may stand in an element or in a quoted attribute; control and reordering characters
/// are written out.
pub(super) struct Esc<'a>(pub(super) &'a str);

impl fmt::Display for Esc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = String::new();
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => {
                    shown.clear();
                    push_visible(c, &mut shown);
                    f.write_str(&shown)?;
                }
            }
        }
        Ok(())
    }
}

/// Text in which \`commands\` stand between backticks, as checks write their remedies.
pub(super) fn ticked(text: &str) -> String {
    if !text.matches('`').count().is_multiple_of(2) {
        return format!("<bdi>{}</bdi>", Esc(text));
    }
    let parts = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => Esc(part).to_string(),
        _ => format!("<code>{}</code>", Esc(part)),
    });
    format!("<bdi>{}</bdi>", parts.collect::<String>())
}

/// Its first characters, for a label that has no room for more.
pub(super) fn label(text: &str, most: usize) -> String {
    let shown = visible(text);
    if shown.chars().count() <= most {
        return Esc(&shown).to_string();
    }
    let kept: String = shown.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", Esc(&kept))
}

/// The source expression by which a Content-Security-Policy allows exactly this script or style.
pub(super) fn csp_hash(source: &str) -> String {
    use sha2::{Digest as _, Sha256};
    format!("'sha256-{}'", base64(&Sha256::digest(source)))
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4_usize {
            let sign = SIGNS.get((word >> (18 - 6 * place)) as usize & 63).copied().unwrap_or(b'=');
            let _ = out.write_char(if place > chunk.len() { '=' } else { char::from(sign) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            Esc("<a href=\"x\" y='z'>&\u{202e}").to_string(),
            "&lt;a href=&quot;x&quot; y=&#39;z&#39;&gt;&amp;\\u{202e}"
        );
        assert_eq!(label("abcdef", 6), "abcdef");
        assert_eq!(label("abcdefg", 6), "abcde…");
    }
}
