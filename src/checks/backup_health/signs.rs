//! What is wrong with a backup although its outcome does not say so.

use crate::model::Instant;
use crate::model::activity::{Activity, Artefact};
use crate::model::kind::Kind;
use crate::model::span::Span;

/// SHA-256 of nothing.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a gzip of nothing takes at most, with the name of the file in it.
const EMPTY_GZIP: u64 = 45;

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Signs {
    /// A job that has run for longer hangs.
    pub(super) longest: Span,
    /// Whether a success with warnings is one.
    pub(super) warnings: bool,
    /// Percent of a copy that may be deleted in one run; 0 for any.
    pub(super) deleted: u64,
}

impl Signs {
    /// Whether a job that has not ended never will.
    pub(super) fn hangs(&self, job: &Activity, as_of: Instant) -> bool {
        as_of.signed_duration_since(job.started_at) > self.longest.delta()
    }

    /// Why a success is none.
    pub(super) fn hidden(&self, job: &Activity, kind: Kind) -> Option<&'static str> {
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
        if !detail.errors.is_empty() {
            return Some("its record holds errors");
        }
        if !self.warnings && !detail.warnings.is_empty() {
            return Some("its record holds warnings");
        }
        let items = detail.items?;
        let (deleted, left) = (items.deleted?, items.total.unwrap_or(0));
        let share = u128::from(deleted) * 100 > u128::from(self.deleted) * (u128::from(deleted) + u128::from(left));
        (self.deleted > 0 && left > 0 && share).then_some("it deleted much of the copy")
    }
}

fn is_empty(artefact: &Artefact) -> bool {
    let hash = |hash: &Option<crate::model::text::Text>| hash.as_deref() == Some(NOTHING);
    let gzip = artefact.uri.ends_with(".gz") && artefact.bytes.is_some_and(|bytes| bytes <= EMPTY_GZIP);
    artefact.content_bytes == Some(0)
        || artefact.bytes == Some(0)
        || hash(&artefact.sha256)
        || hash(&artefact.content_sha256)
        || gzip
}
