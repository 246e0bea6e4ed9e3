//! Files that are kept as evidence: their hash when they are recorded, and whether they are still the same.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::model::activity::EvidenceFile;
use crate::model::inventory::hex;
use crate::model::text::Text;

/// A text longer than this is no procedure that people follow.
const LONGEST_TEXT: u64 = 1 << 20;

/// Headings and steps that are kept.
const MOST_LINES: usize = 500;

/// Hash a file; with `outline`, also take the headings and steps out of its text.
///
/// # Errors
/// What the system says.
pub fn hash(path: &Path, outline: bool) -> io::Result<EvidenceFile> {
    let (sha256, bytes) = digest(path)?;
    let outline = if outline && bytes <= LONGEST_TEXT { self::outline(&std::fs::read(path)?) } else { Vec::new() };
    Ok(EvidenceFile {
        path: Text::from(path.display().to_string()),
        sha256,
        bytes: Some(bytes),
        outline,
        sha256_now: None,
    })
}

/// Look a recorded file up again. Relative paths are looked up in `folder`, where the register lies, then
/// in the working directory.
pub fn look_again(file: &mut EvidenceFile, folder: &Path) {
    let path = Path::new(file.path.as_str());
    let beside = folder.join(path);
    let found = digest(&beside).or_else(|_| digest(path));
    file.sha256_now = found.ok().map(|(sha256, _)| sha256);
}

fn digest(path: &Path) -> io::Result<(Text, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    let mut bytes = 0_u64;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((Text::from(hex(&hasher.finalize())), bytes));
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

/// The headings, list items and numbered steps of a Markdown or plain text.
fn outline(bytes: &[u8]) -> Vec<Text> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    let step = |line: &str| -> Option<Text> {
        let line = line.trim();
        let rest = line.trim_start_matches('#');
        let rest = if rest.len() < line.len() { Some(rest) } else { None };
        let rest = rest.or_else(|| line.strip_prefix("- ")).or_else(|| line.strip_prefix("* "));
        let numbered = || {
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ')');
            let number = line.get(..line.len() - rest.len()).unwrap_or_default();
            (number.ends_with(['.', ')']) && rest.starts_with(' ')).then_some(rest)
        };
        let words = rest.or_else(numbered)?.trim();
        (!words.is_empty()).then(|| Text::from(words.chars().take(200).collect::<String>()))
    };
    text.lines().filter_map(step).take(MOST_LINES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_steps_are_the_outline() {
        let text = b"# Restore\n\nSome prose.\n\n1. Stop the shop\n2) Find the dump\n* compare the counts\n- [ ] tell people\n2026 was a year\n";
        let found: Vec<String> = outline(text).iter().map(|line| line.to_string()).collect();
        assert_eq!(found, ["Restore", "Stop the shop", "Find the dump", "compare the counts", "[ ] tell people"]);
        assert!(outline(&[0xff, 0xfe]).is_empty());
    }

    #[test]
    fn a_changed_or_missing_file_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runbook.md");
        std::fs::write(&path, "# Restore\n").unwrap();
        let mut file = hash(&path, true).unwrap();
        file.path = "runbook.md".into();
        look_again(&mut file, folder.path());
        assert_eq!(file.sha256_now.as_ref(), Some(&file.sha256));
        std::fs::write(&path, "# Destroy\n").unwrap();
        look_again(&mut file, folder.path());
        assert!(file.sha256_now.is_some() && file.sha256_now.as_ref() != Some(&file.sha256));
        std::fs::remove_file(&path).unwrap();
        look_again(&mut file, folder.path());
        assert_eq!(file.sha256_now, None);
    }
}
