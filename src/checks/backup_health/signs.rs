//! What is wrong with a backup although its outcome does not say so.

use crate::model::Instant;
use crate::model::activity::{Activity, Artefact};
use crate::model::glob;
use crate::model::kind::Kind;
use crate::model::span::Span;
use crate::model::text::Text;

/// SHA-256 of nothing.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a gzip of nothing takes at most, with the name of the file in it.
const EMPTY_GZIP: u64 = 45;

/// What is looked for.
#[derive(Clone)]
pub(super) struct Signs {
    /// A job that has run for longer hangs.
    pub(super) longest: Span,
    /// Whether a success with warnings is one.
    pub(super) warnings: bool,
    /// Percent of a copy that may be deleted in one run; 0 for any.
    pub(super) deleted: u64,
    /// Patterns of problems that were accepted beforehand.
    pub(super) accepted: Vec<Text>,
}

/// What a record says is wrong, line by line.
pub(super) fn problems(job: &Activity) -> impl Iterator<Item = &Text> {
    job.detail.iter().flat_map(|detail| detail.errors.iter().chain(&detail.warnings))
}

/// Whether a backup lacks one of the sources that it must hold: `None` where its record does not tell.
pub(super) fn lacks_source(job: &Activity, wanted: &[Text]) -> Option<bool> {
    if wanted.is_empty() {
        return Some(false);
    }
    let detail = job.detail.as_deref()?;
    // Where the tool's own record names what it took, that counts; otherwise what it was told to take.
    let recorded: Vec<&str> = match detail.sources.is_empty() {
        true => detail.command.iter().flat_map(|word| word.split_whitespace()).collect(),
        false => detail.sources.iter().map(Text::as_str).collect(),
    };
    let holds = |wanted: &Text| recorded.iter().any(|recorded| covers(recorded, wanted));
    (!recorded.is_empty()).then(|| !wanted.iter().all(holds))
}

/// Whether a path is this one or lies below it.
fn covers(recorded: &str, wanted: &str) -> bool {
    let bare = |path: &'_ str| path.trim_matches(['\'', '"']).trim_end_matches('/').to_owned();
    let (recorded, wanted) = (bare(recorded), bare(wanted));
    recorded == wanted
        || (recorded.starts_with('/') && wanted.strip_prefix(&recorded).is_some_and(|rest| rest.starts_with('/')))
}

impl Signs {
    /// Whether a job that has not ended never will.
    pub(super) fn hangs(&self, job: &Activity, as_of: Instant) -> bool {
        as_of.signed_duration_since(job.started_at) > self.longest.delta()
    }

    /// Why a success is none.
    pub(super) fn hidden(&self, job: &Activity, kind: Kind, sources: &[Text]) -> Option<&'static str> {
        // AWS's own sizes measure no data: of databases they are 0, of file systems what changed.
        let declared = kind.list_operation().is_none();
        let detail = job.detail.as_deref();
        let artefacts = detail.map(|detail| detail.artefacts.as_slice()).unwrap_or_default();
        if declared && (job.size == Some(0) || artefacts.iter().any(is_empty)) {
            return Some("what it made is empty");
        }
        if artefacts.iter().any(|artefact| artefact.trailer == Some(false)) {
            return Some("the end of the dump is missing");
        }
        let detail = detail?;
        let counts =
            |lines: &[Text]| lines.iter().any(|line| !self.accepted.iter().any(|pattern| glob::matches(pattern, line)));
        if counts(&detail.errors) {
            return Some("its record holds errors");
        }
        if lacks_source(job, sources) == Some(true) {
            return Some("a source that it must hold is not in it");
        }
        if !self.warnings && counts(&detail.warnings) {
            return Some("its record holds warnings");
        }
        let items = detail.items?;
        let (deleted, left) = (items.deleted?, items.total.unwrap_or(0));
        let share = u128::from(deleted) * 100 > u128::from(self.deleted) * (u128::from(deleted) + u128::from(left));
        (self.deleted > 0 && left > 0 && share).then_some("it deleted much of the copy")
    }
}

fn is_empty(artefact: &Artefact) -> bool {
    let hash = |hash: &Option<Text>| hash.as_deref() == Some(NOTHING);
    let gzip = artefact.uri.ends_with(".gz") && artefact.bytes.is_some_and(|bytes| bytes <= EMPTY_GZIP);
    artefact.content_bytes == Some(0)
        || artefact.bytes == Some(0)
        || hash(&artefact.sha256)
        || hash(&artefact.content_sha256)
        || gzip
}
