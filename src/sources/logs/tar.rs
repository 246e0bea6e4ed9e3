//! GNU tar: what it writes on standard error, best with `--totals`, and its lists and comparisons.

use super::common::{End, arguments, begin, complain, digits, end, foreign, id, lacks, lines, started, utf8};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::activity::{ActivityKind, ActivityOutcome, Bytes, Depth, Items};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "tar",
    title: "GNU tar: --create --totals, --extract, --list, --compare",
    docs: "\
What GNU tar says on standard error, and the lists and differences on standard output. The command tells what was done, so \
give it.

* Exit status 1 (a file changed while it was read) is *partial*; 2 is *partial* if bytes were written, else *failed*.
* The status of a pipeline is that of its last command: it proves nothing, and `--totals` or a complaint must.
* An archive that lists nothing is *failed*: a failed tar leaves a valid archive of 45 bytes behind gzip.
* `--compare` reads everything and compares it with the file system; `--list` only lists.
",
    read,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Create,
    Extract,
    List,
    Compare,
}

/// What the command does, from its options.
fn mode(known: &Known) -> Option<Mode> {
    let short = |letter| match letter {
        'c' | 'r' | 'u' => Some(Mode::Create),
        'x' => Some(Mode::Extract),
        't' => Some(Mode::List),
        'd' => Some(Mode::Compare),
        _ => None,
    };
    for (n, word) in arguments(known, "tar").enumerate() {
        let found = match word {
            "--create" | "--append" | "--update" => Some(Mode::Create),
            "--extract" | "--get" => Some(Mode::Extract),
            "--list" => Some(Mode::List),
            "--compare" | "--diff" => Some(Mode::Compare),
            _ if word.starts_with("--") => None,
            // The first word may be a bundle without a dash; what follows `f` is a name.
            _ => match word.strip_prefix('-').or((n == 0).then_some(word)) {
                Some(bundle) => bundle.split('f').next().and_then(|letters| letters.chars().find_map(short)),
                None => None,
            },
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// What stands on standard error.
#[derive(Default)]
struct Said {
    errors: Vec<Text>,
    warnings: Vec<Text>,
    written: Option<u64>,
    /// It said that it exits with a failure.
    failing: bool,
    /// It gave up.
    fatal: bool,
}

impl Said {
    fn of(stderr: &[u8]) -> Self {
        let mut said = Self::default();
        for line in lines(stderr) {
            if let Some(rest) = line.strip_prefix("Total bytes written: ") {
                said.written = rest.split(' ').next().and_then(digits);
            } else if line.ends_with("Exiting with failure status due to previous errors") {
                said.failing = true;
            } else if line.contains("Error is not recoverable") || line.contains("Unexpected EOF in archive") {
                said.fatal = true;
                said.errors.push(line);
            } else if line.ends_with("file changed as we read it") || line.ends_with("File removed before we read it") {
                said.warnings.push(line);
            } else if line.contains("Removing leading") {
                // How names are stored, and nothing else.
            } else if line.starts_with("tar: ") || line.starts_with("gzip: ") {
                said.errors.push(line);
            }
        }
        said
    }
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let said = Said::of(native.stderr);
    let stdout = utf8(native.stdout).map(|text| text.lines().filter(|line| !line.trim().is_empty()).count());
    let known = native.known;
    let mode = mode(known).or(said.written.map(|_| Mode::Create));
    let Some(mode) = mode else {
        return Err(foreign(0, "neither the command nor the output tells what tar did"));
    };
    // An archive on standard output is no text.
    let listed = stdout.unwrap_or(0) as u64;
    let ended = end(known);
    let clean = said.errors.is_empty() && !said.failing && !said.fatal;
    let bad = || {
        if said.written.is_some_and(|bytes| bytes > 0) && !said.fatal {
            ActivityOutcome::Partial
        } else {
            ActivityOutcome::Failed
        }
    };
    let untold = || foreign(0, "it does not say how tar ended; give `--totals` or the exit status");
    let outcome = match (mode, ended) {
        (_, End::Stopped) => ActivityOutcome::Aborted,
        (Mode::Create, _) if said.written == Some(0) => ActivityOutcome::Failed,
        (Mode::Create, End::Good | End::Unknown) if !clean => bad(),
        (Mode::Create, End::Unknown) if said.written.is_none() => return Err(untold()),
        (Mode::Create, End::Good | End::Unknown) if !said.warnings.is_empty() => ActivityOutcome::Partial,
        (Mode::Create, End::Good | End::Unknown) => ActivityOutcome::Succeeded,
        (Mode::Create, End::Status(1)) if clean => ActivityOutcome::Partial,
        (Mode::Create, End::Status(1 | 2)) => bad(),
        (Mode::Compare, _) if listed > 0 => ActivityOutcome::Failed,
        (Mode::List, _) if listed == 0 => ActivityOutcome::Failed,
        (Mode::Extract, End::Status(1 | 2)) if listed > 0 && !said.fatal => ActivityOutcome::Partial,
        (_, End::Status(_)) => ActivityOutcome::Failed,
        (_, End::Good | End::Unknown) if !clean => ActivityOutcome::Failed,
        (_, End::Unknown) => return Err(untold()),
        (_, End::Good) => ActivityOutcome::Succeeded,
    };
    let mut found = Found::default();
    let Some(at) = started(known, &mut found) else { return Ok(found) };
    let (kind, what, depth) = match mode {
        Mode::Create => (known.kind.unwrap_or(ActivityKind::Backup), "create", None),
        Mode::Extract => (known.kind.unwrap_or(ActivityKind::Restore), "extract", Some(Depth::Restored)),
        Mode::List => (ActivityKind::Verification, "list", Some(Depth::Listed)),
        Mode::Compare => (ActivityKind::Verification, "compare", Some(Depth::FullRead)),
    };
    let mut activity = begin("tar", id("tar", what, at, known), kind, outcome, at, known);
    let empty = (mode == Mode::List && listed == 0) || (mode == Mode::Create && said.written == Some(0));
    if empty && said.errors.is_empty() {
        activity.message = Some("the archive holds nothing".into());
    } else if mode == Mode::Compare && listed > 0 {
        activity.message = Some(Text::from(format!("{listed} differences from the file system")));
    }
    activity.size = said.written;
    let detail = activity.detail_mut();
    detail.depth = depth;
    detail.bytes = said.written.map(|bytes| Bytes { source: Some(bytes), ..Bytes::default() });
    match mode {
        Mode::List | Mode::Extract if listed > 0 => {
            detail.items = Some(Items { total: Some(listed), ..Items::default() });
        }
        Mode::Compare => detail.compared_by = Some("file-system".into()),
        _ => {}
    }
    if mode == Mode::Create && said.written.is_none() {
        lacks(&mut activity, "size");
    }
    if ended == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, said.errors, said.warnings);
    found.activities.push(activity);
    Ok(found)
}
