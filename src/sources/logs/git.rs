//! git: mirrors, bundles and their verification.

use super::common::{End, arguments, begin, complain, end, foreign, id, lines, started, utf8, verb};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::activity::{ActivityKind, ActivityOutcome, Depth, Items};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "git",
    title: "git clone --mirror, remote update, fetch, bundle, fsck",
    docs: "\
What git says when a mirror is made, updated or verified, or a bundle is written. git prints no end mark: give the command \
and the exit status.

* A plain `clone` is *partial*: it keeps neither notes nor other references, and updates of it follow one branch. Use \
`--mirror`.
* A mirror follows its source: history rewritten or references deleted there are gone here too. Each is a warning and \
counts as deleted; `fetch --porcelain` shows them best.
* `fsck` reads every object; `bundle verify` reads the list of references only.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let stdout = utf8(native.stdout)?;
    let stderr = lines(native.stderr);
    let Some(action) = Action::of(known) else {
        return Err(foreign(0, "the command is missing, or none that makes, updates or verifies a copy"));
    };
    let complaints =
        |line: &&Text| ["fatal: ", "error: ", "missing ", "broken link "].iter().any(|word| line.starts_with(word));
    let mut errors: Vec<Text> = stderr.iter().filter(complaints).cloned().collect();
    errors.extend(lines(stdout.as_bytes()).iter().filter(complaints).cloned());
    let mut warnings: Vec<Text> = stderr.iter().filter(|line| line.starts_with("warning: ")).cloned().collect();
    let lost = Lost::of(stdout, &stderr);
    if lost.count() > 0 {
        warnings
            .extend(lost.rewritten.iter().map(|reference| format!("history of `{reference}` was rewritten").into()));
        warnings.extend(lost.deleted.iter().map(|reference| format!("`{reference}` was deleted").into()));
    }
    let plain = action == Action::Clone && !arguments(known, "git").any(|word| matches!(word, "--mirror" | "--bare"));
    let outcome = match end(known) {
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
        End::Good | End::Unknown if !errors.is_empty() => ActivityOutcome::Failed,
        End::Unknown => return Err(foreign(0, "only its exit status tells how git ended, and nobody said it")),
        End::Good if plain => ActivityOutcome::Partial,
        End::Good => ActivityOutcome::Succeeded,
    };
    let mut found = Found::default();
    let Some(at) = started(known, &mut found) else { return Ok(found) };
    let (kind, depth) = match action {
        Action::Clone | Action::Update | Action::Bundle => (known.kind.unwrap_or(ActivityKind::Backup), None),
        Action::Fsck => (ActivityKind::Verification, Some(Depth::FullRead)),
        Action::VerifyBundle => (ActivityKind::Verification, Some(Depth::Metadata)),
    };
    let mut activity = begin("git", id("git", action.id(), at, known), kind, outcome, at, known);
    if plain && errors.is_empty() {
        activity.message = Some("a plain clone is no copy of the whole repository; use `--mirror`".into());
    }
    let detail = activity.detail_mut();
    detail.data_type = Some("git".into());
    detail.method = (kind == ActivityKind::Backup).then(|| "repository-mirror".into());
    detail.depth = depth;
    if action == Action::Update {
        detail.items = Some(Items { changed: Some(lost.moved), deleted: Some(lost.count()), ..Items::default() });
    }
    complain(&mut activity, errors, warnings);
    found.activities.push(activity);
    Ok(found)
}

/// What git was asked to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Clone,
    Update,
    Bundle,
    VerifyBundle,
    Fsck,
}

impl Action {
    fn of(known: &Known) -> Option<Self> {
        Some(match verb(known, &["clone", "update", "fetch", "pull", "push", "bundle", "fsck"])? {
            "clone" => Self::Clone,
            "fsck" => Self::Fsck,
            "bundle" if verb(known, &["verify", "create"]) == Some("verify") => Self::VerifyBundle,
            "bundle" => Self::Bundle,
            _ => Self::Update,
        })
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Clone => "clone",
            Self::Update => "update",
            Self::Bundle => "bundle",
            Self::VerifyBundle => "bundle-verify",
            Self::Fsck => "fsck",
        }
    }
}

/// What an update took away, and how many references moved.
#[derive(Default)]
struct Lost {
    rewritten: Vec<String>,
    deleted: Vec<String>,
    moved: u64,
}

impl Lost {
    /// From `fetch --porcelain` (`+ old new reference`) and from the text for people
    /// (` + a94ebf2...d0df29e main -> main  (forced update)`, ` - [deleted] (none) -> feature`).
    fn of(stdout: &str, stderr: &[Text]) -> Self {
        let mut lost = Self::default();
        for line in stdout.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let flag = line.chars().next();
            let objects = words.iter().filter(|word| word.len() >= 40 && word.bytes().all(|b| b.is_ascii_hexdigit()));
            if objects.count() != 2 {
                continue;
            }
            lost.moved += 1;
            let reference = words.last().copied().unwrap_or_default().to_owned();
            match flag {
                Some('+') => lost.rewritten.push(reference),
                Some('-') => lost.deleted.push(reference),
                _ => {}
            }
        }
        for line in stderr {
            let Some((before, after)) = line.split_once("-> ") else { continue };
            let reference = after.split_whitespace().next().unwrap_or_default().to_owned();
            lost.moved += 1;
            match before.trim_start().chars().next() {
                Some('+') => lost.rewritten.push(reference),
                Some('-') => lost.deleted.push(reference),
                _ => {}
            }
        }
        lost
    }

    fn count(&self) -> u64 {
        (self.rewritten.len() + self.deleted.len()) as u64
    }
}
