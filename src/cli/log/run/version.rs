//! The version of a tool whose success means more or less with it: asked after the command ended, so that no
//! backup waits for it.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::model::text::Text;

/// How each is asked. Of other tools no version matters to any check.
const ASKED: &[(&str, &str)] =
    &[("restic", "version"), ("rustic", "--version"), ("borgmatic", "--version"), ("mydumper", "--version")];

/// Its answer is waited for so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The version that this program says it has, if it is one of those and answers.
pub(super) fn of(program: &str) -> Option<Text> {
    let name = program.rsplit('/').next().unwrap_or(program);
    let (_, question) = ASKED.iter().find(|(known, _)| *known == name)?;
    let mut command = Command::new(program);
    command.arg(question).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let until = Instant::now() + PATIENCE;
    // So short an answer fits into the pipe: the tool ends without a reader.
    while child.try_wait().ok()?.is_none() {
        if Instant::now() >= until {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    version(&String::from_utf8_lossy(&output.stdout))
}

/// The first word that is one.
fn version(answer: &str) -> Option<Text> {
    let words = answer.split_whitespace().map(|word| word.trim_matches([',', '(', ')']).trim_start_matches('v'));
    let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    words.into_iter().find(is_version).map(Text::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_what_the_tools_say() {
        for (said, found) in [
            ("restic 0.18.0 compiled with go1.24.4 on linux/amd64", Some("0.18.0")),
            ("mydumper 0.10.1, built against MySQL 10.11.3", Some("0.10.1")),
            ("mydumper v0.16.7-5, built against MySQL 8.0.40", Some("0.16.7-5")),
            ("rustic 0.11.4", Some("0.11.4")),
            ("2.1.10\n", Some("2.1.10")),
            ("no such thing", None),
        ] {
            assert_eq!(version(said).as_deref(), found, "{said}");
        }
    }

    #[test]
    fn other_programs_are_not_asked() {
        assert_eq!(of("true"), None);
        assert_eq!(of("/no/such/restic"), None);
    }
}
