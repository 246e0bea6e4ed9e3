//! What dumps have in common: an artefact of text with a mark at its end, an exit status, complaints.

use std::io::Read as _;

use super::common::End;
use crate::model::activity::{Activity, ActivityOutcome, Artefact, Bytes};
use crate::model::text::Text;

/// The most that a compressed dump is unpacked to.
const LARGEST: u64 = 1 << 30;

/// The contents of a dump, unpacked if they were compressed with gzip.
pub(super) struct Dump {
    /// The contents.
    pub(super) bytes: Vec<u8>,
    /// The compression was damaged or cut, or unpacks to more than is read.
    pub(super) broken: bool,
}

impl Dump {
    /// Unpack what is packed.
    pub(super) fn of(bytes: &[u8]) -> Self {
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Self { bytes: bytes.to_vec(), broken: false };
        }
        let mut unpacked = Vec::new();
        let read = flate2::read::MultiGzDecoder::new(bytes).take(LARGEST).read_to_end(&mut unpacked);
        let broken = read.is_err() || unpacked.len() as u64 == LARGEST;
        Self { bytes: unpacked, broken }
    }

    /// Its first lines.
    pub(super) fn head(&self) -> Vec<String> {
        let head = self.bytes.get(..self.bytes.len().min(8192)).unwrap_or_default();
        String::from_utf8_lossy(head).lines().take(40).map(str::to_owned).collect()
    }

    /// Its last lines, the last one only if it was ended: what was cut may look like something else.
    pub(super) fn tail(&self) -> Vec<String> {
        let tail = self.bytes.get(self.bytes.len().saturating_sub(8192)..).unwrap_or_default();
        let text = String::from_utf8_lossy(tail);
        let whole = if text.ends_with('\n') { &text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
        let lines: Vec<&str> = whole.lines().filter(|line| !line.trim().is_empty()).collect();
        lines.iter().skip(lines.len().saturating_sub(15)).map(|line| (*line).to_owned()).collect()
    }

    /// Put its size and whether its end is there.
    pub(super) fn describe(&self, activity: &mut Activity, trailer: Option<bool>, file: &Text) {
        let size = self.bytes.len() as u64;
        activity.size = Some(size);
        let detail = activity.detail_mut();
        detail.bytes = Some(Bytes { source: Some(size), ..Bytes::default() });
        let uri = if file.is_empty() { Text::from("standard output") } else { file.clone() };
        detail.artefacts = vec![Artefact { uri, content_bytes: Some(size), trailer, ..Artefact::default() }];
    }
}

/// How a dump ended. `trailer` is absent where none is to be expected. Nothing where nothing tells.
pub(super) fn outcome(end: End, trailer: Option<bool>, clean: bool) -> Option<ActivityOutcome> {
    let whole = trailer == Some(true);
    Some(match end {
        End::Stopped => ActivityOutcome::Aborted,
        // With `--force` the end is there although parts failed.
        End::Status(_) if whole => ActivityOutcome::Partial,
        End::Status(_) => ActivityOutcome::Failed,
        End::Good | End::Unknown if !clean && whole => ActivityOutcome::Partial,
        End::Good | End::Unknown if !clean => ActivityOutcome::Failed,
        End::Good | End::Unknown if trailer == Some(false) => ActivityOutcome::Partial,
        End::Good => ActivityOutcome::Succeeded,
        End::Unknown if whole => ActivityOutcome::Succeeded,
        End::Unknown => return None,
    })
}
