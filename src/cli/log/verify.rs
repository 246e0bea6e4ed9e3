//! `lastgood log verify` and `anchor`: whether a log is unbroken, and its head for keeping elsewhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::{Exit, Failure, Outcome, print};
use crate::model::activity::Activity;
use crate::model::judgement::counted;
use crate::report::one_line;
use crate::sources::logs::chain::{Anchor, Fields, Read, header, streams, walk};
use crate::sources::logs::redact;

pub(super) fn run(paths: &[PathBuf], anchors: Option<&Path>) -> Outcome {
    let anchors = anchors.map(read_anchors).transpose()?.unwrap_or_default();
    let files = expand(paths)?;
    let (mut walked, mut secrets) = (Vec::new(), Vec::new());
    for path in &files {
        let name = path.display().to_string();
        let log = walk(path, &name, &anchors, || read, &mut |_, holds_secret, number, _| {
            if holds_secret {
                secrets.push((path, number));
            }
        });
        walked.push(log.map_err(|error| unreadable(path, &error))?);
    }
    let found = streams(walked, &anchors);
    let mut text = String::new();
    let mut broken = false;
    for stream in &found {
        let span = |at: Option<crate::model::Instant>| at.map_or_else(|| "-".to_owned(), |at| at.to_rfc3339());
        let _ = writeln!(
            text,
            "{}  {} records, {} to {}",
            stream.id,
            stream.records,
            span(stream.first_at),
            span(stream.last_at)
        );
        let _ = writeln!(
            text,
            "  files   {}",
            stream.files.iter().map(|file| file.as_str()).collect::<Vec<_>>().join(", ")
        );
        if let Some(head) = &stream.head {
            let _ = writeln!(text, "  head    {head}");
        }
        // A line that its writer could not finish is an event of its own, and the chain goes on over it.
        let (torn, bad): (Vec<_>, Vec<_>) = stream.problems.iter().partition(|problem| problem.code == "torn-line");
        for problem in &stream.problems {
            let (file, message) = (one_line(&problem.file), one_line(&problem.message));
            let _ = writeln!(text, "  {file}:{}: {}: {message}", problem.line, problem.code);
        }
        let verdict = match (bad.is_empty(), stream.anchored_since) {
            (false, _) => "BROKEN".to_owned(),
            (true, Some(since)) => format!("unbroken, and held to its anchors since {}", since.to_rfc3339()),
            (true, None) => {
                "unbroken; without an anchor a dropped end, or a whole log written anew, would not show".into()
            }
        };
        let _ = writeln!(text, "  {verdict}");
        if !torn.is_empty() && bad.is_empty() {
            let _ = writeln!(
                text,
                "  {} torn by writers that died; what they were writing is not on record",
                counted(torn.len() as u64, "line")
            );
        }
        broken = broken || !bad.is_empty();
    }
    for (path, line) in &secrets {
        let place = path.display().to_string();
        let _ = writeln!(
            text,
            "{}:{line}: secret: what looks like a password stands in this record; change the password, since no record is edited",
            one_line(&place)
        );
    }
    print(text.as_bytes())?;
    Ok(if broken || !secrets.is_empty() { Exit::Findings } else { Exit::Fine })
}

/// A folder stands for the logs in it.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
        let is_log = |path: &PathBuf| path.is_file() && path.to_string_lossy().contains(".jsonl");
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_log).collect();
        found.sort();
        files.extend(found);
    }
    if files.is_empty() {
        return Err(Failure::usage("there is no log (`*.jsonl*`) to verify"));
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(anyhow::anyhow!("cannot read `{}`: {error}", path.display()))
        .help("check the path and its permissions")
}

/// Whether what looks like a secret stands in a record.
fn read(line: &[u8]) -> Read<bool> {
    if !redact::may_hold_secret(line) {
        return header(line).map(|(header, ())| (header, false));
    }
    let holds = Fields::<Activity>::read(line, |activity, _, _| activity.as_ref().is_some_and(redact::holds_secret));
    holds.map(|(header, holds)| (header, holds.unwrap_or_default()))
}

/// Anchors, one JSON object a line, as `lastgood log anchor` prints them.
pub(in crate::cli) fn read_anchors(path: &Path) -> Result<Vec<Anchor>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(n, line)| {
            serde_json::from_str(line).map_err(|error| {
                Failure::usage(format!("{}:{} is no anchor: {error}", path.display(), n + 1))
                    .help("keep what `lastgood log anchor` prints, one line each")
            })
        })
        .collect()
}

/// Print the head of a log, to be kept where its writers cannot reach it.
pub(super) fn anchor(log: &Path) -> Outcome {
    let file = walk(log, &log.display().to_string(), &[], || header, &mut |_, (), _, _| {});
    let file = file.map_err(|error| unreadable(log, &error))?;
    if let Some(problem) = file.problems.iter().find(|problem| problem.code != "torn-line") {
        return Err(Failure::new(anyhow::anyhow!("{}:{}: {}", problem.file, problem.line, problem.message))
            .help("a broken log is not anchored; `lastgood log verify` shows what is wrong"));
    }
    let Some((seq, head)) = file.end() else {
        return Err(Failure::usage(format!("`{}` has no record", log.display())));
    };
    let anchor = Anchor { stream: file.stream.clone(), seq, head: head.into(), at: super::now() };
    let line = serde_json::to_string(&anchor).map_err(Failure::new)?;
    print(format!("{line}\n").as_bytes())?;
    Ok(Exit::Fine)
}
