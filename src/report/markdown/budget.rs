//! A text of limited length that knows what it had to leave out.

use std::collections::BTreeMap;

/// GitHub takes comments of 65,536 characters. Bytes are counted here, which are never fewer.
const LIMIT: usize = 65_536;

/// Kept free for the note on what was left out.
const NOTE: usize = 1_024;

/// Kept free for what stands at the end in any case.
const LAST: usize = 4_096;

/// A growing text.
#[derive(Default)]
pub(super) struct Budget {
    text: String,
    full: bool,
    /// By noun: how many were offered and how many fitted.
    counted: BTreeMap<&'static str, (u64, u64)>,
}

impl Budget {
    /// Append a block whole, or not at all; it holds one `noun`. After the first that does not fit
    /// none is taken, so that nothing stands under a heading that is not its own.
    pub(super) fn push(&mut self, noun: &'static str, block: &str) {
        self.full |= self.text.len() + block.len() > LIMIT - NOTE - LAST;
        self.count(noun, block, !self.full);
    }

    /// Append the last block, for which room was kept.
    pub(super) fn push_last(&mut self, noun: &'static str, block: &str) {
        let fits = self.text.len() + block.len() <= LIMIT - NOTE;
        self.count(noun, block, fits);
    }

    fn count(&mut self, noun: &'static str, block: &str, fits: bool) {
        let (offered, fitted) = self.counted.entry(noun).or_default();
        *offered += 1;
        if fits {
            self.text.push_str(block);
            *fitted += 1;
        }
    }

    /// The text, with an honest note if it is not all.
    pub(super) fn finish(mut self) -> String {
        let short: Vec<String> = self
            .counted
            .iter()
            .filter(|(_, (offered, fitted))| fitted < offered)
            .map(|(noun, (offered, fitted))| format!("{} of {offered} {noun}", offered - fitted))
            .collect();
        if !short.is_empty() {
            self.text.push_str(&format!(
                "\n> **Shortened**: {} did not fit into the 65,536 characters that GitHub takes and are not shown \
                 here. The JSON, CSV and HTML reports hold all of them.\n",
                short.join(", ")
            ));
        }
        self.text
    }
}
