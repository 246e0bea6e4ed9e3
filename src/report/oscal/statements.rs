//! Statements of people as attestations, with the people as parties.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::NAMESPACE;
use super::text::{Ids, line, prop, value};
use crate::model::attestation::Attestation;
use crate::report::json::set;
use crate::report::words::stamp;

/// Who stands behind a statement: the id of the role, its title, and its bearer.
type Role = (&'static str, &'static str, fn(&Attestation) -> Option<&str>);
const ROLES: [Role; 2] = [
    ("attestor", "states that it is so", |one| Some(&one.by)),
    ("performer", "did what the statement is about", |one| one.performed_by.as_deref()),
];

/// Add everybody who stated or performed something, and the roles they have.
pub(super) fn people(statements: &[Attestation], ids: &Ids, metadata: &mut Value) {
    let all = statements.iter().flat_map(|one| ROLES.iter().filter_map(|(_, _, bearer)| bearer(one)));
    let names: BTreeSet<String> = all.map(value).collect();
    if names.is_empty() {
        return;
    }
    let roles: Vec<Value> = ROLES.iter().map(|(id, title, _)| json!({"id": id, "title": title})).collect();
    let parties = names.iter().map(|name| json!({"uuid": ids.uuid("party", name), "type": "person", "name": name}));
    set(metadata, "parties", parties.collect::<Vec<_>>().into());
    set(metadata, "roles", roles.into());
}

/// Add the statements; nothing where there is none.
pub(super) fn attestations(statements: &[Attestation], ids: &Ids, result: &mut Value) {
    let all: Vec<Value> = statements.iter().map(|one| attestation(one, ids)).collect();
    if !all.is_empty() {
        set(result, "attestations", all.into());
    }
}

fn attestation(one: &Attestation, ids: &Ids) -> Value {
    let mut props = vec![
        prop("attestation", &one.id),
        prop("clause", &one.clause),
        prop("kind", one.kind.id()),
        prop("on", &one.on.to_string()),
        prop("valid-until", &one.valid_until.to_string()),
        prop("recorded-at", &stamp(one.recorded_at)),
    ];
    props.extend(one.application.as_deref().map(|application| prop("application", application)));
    props.extend(one.withdraws.as_deref().map(|id| prop("withdraws", id)));
    props.extend(one.evidence.iter().map(|file| prop("evidence", &format!("{} sha256:{}", file.path, file.sha256))));
    let bearers = ROLES.iter().filter_map(|(id, _, bearer)| {
        let party = ids.uuid("party", &value(bearer(one)?));
        Some(json!({"role-id": id, "party-uuids": [party]}))
    });
    json!({
        "responsible-parties": bearers.collect::<Vec<_>>(),
        "parts": [{
            "uuid": ids.uuid("attestation", &one.id), "name": "statement", "ns": NAMESPACE,
            "title": line(&format!("Statement on clause {}", one.clause)), "props": props,
            "prose": line(&one.statement),
        }],
    })
}
