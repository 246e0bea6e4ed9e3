//! Ids, properties and text as OSCAL takes them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::NAMESPACE;
use crate::model::inventory::hex;
use crate::report::safe::visible;

/// UUIDs of one document: equal names give equal ones.
pub(super) struct Ids {
    pub(super) seed: String,
}

impl Ids {
    /// In the form of version 5 (which OSCAL asks for), over SHA-256 instead of SHA-1.
    pub(super) fn uuid(&self, kind: &str, name: &str) -> String {
        let mut digest: [u8; 32] = Sha256::new()
            .chain_update(NAMESPACE)
            .chain_update([0])
            .chain_update(&self.seed)
            .chain_update([0])
            .chain_update(kind)
            .chain_update([0])
            .chain_update(name)
            .finalize()
            .into();
        let [_, _, _, _, _, _, version, _, variant, ..] = &mut digest;
        *version = (*version & 0x0f) | 0x50;
        *variant = (*variant & 0x3f) | 0x80;
        let text = hex(digest.get(..16).unwrap_or_default());
        let part = |from, to| text.get(from..to).unwrap_or_default();
        [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
    }
}

/// A property of our own.
pub(super) fn prop(name: &str, text: &str) -> Value {
    json!({"name": name, "ns": NAMESPACE, "value": value(text)})
}

/// The numbers of outcomes as properties.
pub(super) fn numbers(all: &[(&str, u64)]) -> Vec<Value> {
    all.iter().map(|(name, number)| prop(name, &number.to_string())).collect()
}

/// A string as OSCAL takes it: one line, not empty, no space at its ends.
pub(super) fn value(text: &str) -> String {
    let shown = visible(text);
    let shown = shown.trim();
    if shown.is_empty() { "-".to_owned() } else { shown.to_owned() }
}

/// Text where OSCAL reads Markdown: no HTML, link or insertion of others comes alive.
pub(super) fn line(text: &str) -> String {
    let text = value(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '<' | '>' | '[' | ']' | '{' | '}') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// An id as OSCAL takes it: begins with the kind, since ids of clauses begin with a digit. Ids that differ stay different.
pub(super) fn token(kind: &str, id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if id.chars().all(plain) {
        return format!("{kind}-{id}");
    }
    let kept: String = id.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let digest = hex(Sha256::digest(id).get(..4).unwrap_or_default());
    format!("{kind}-{kept}-{digest}")
}
