//! Layers: what a policy extends, and the policy itself on top.

use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, quoted};
use super::place::At;
use super::row::Row;
use crate::model::text::Text;

/// All layers in one.
#[derive(Default)]
pub(super) struct Merged<'a> {
    pub(super) rules: Vec<Row<'a>>,
    pub(super) overrides: Vec<Row<'a>>,
    pub(super) waivers: Vec<Row<'a>>,
    pub(super) clauses: Vec<Row<'a>>,
}

impl<'a> Merged<'a> {
    /// Lay the files of one layer on top. Inside a layer an id may stand once; a rule or clause of
    /// an earlier layer is changed key by key, so that nothing is shadowed in silence.
    pub(super) fn lay(&mut self, files: &[Row<'a>], problems: &mut Vec<Diagnostic>) {
        let rows = |key| files.iter().flat_map(move |file| file.rows(key));
        lay(&mut self.rules, rows("rule"), problems);
        lay(&mut self.clauses, rows("clause"), problems);
        lay(&mut self.waivers, rows("waiver"), problems);
        self.overrides.extend(rows("override").cloned());
    }
}

fn lay<'r, 'a: 'r>(known: &mut Vec<Row<'a>>, rows: impl Iterator<Item = &'r Row<'a>>, problems: &mut Vec<Diagnostic>) {
    let mut places: BTreeMap<Text, usize> =
        known.iter().enumerate().filter_map(|(index, row)| Some((row.text("id")?.clone(), index))).collect();
    let mut seen: BTreeMap<Text, At> = BTreeMap::new();
    for row in rows {
        let Some(id) = row.text("id") else {
            // Without an id it lacks a required key, which is reported for every row later on.
            known.push(row.clone());
            continue;
        };
        let at = row.place("id");
        if let Some(first) = seen.get(id) {
            let message = format!("{} {} stands twice", row.shape.shown(), quoted(id));
            let problem = Diagnostic::error("duplicate-id", message).at(at, "again").at(first, "first");
            problems.push(problem.help("ids are unique over all files; rename or delete one"));
            continue;
        }
        seen.insert(id.clone(), at.clone());
        match places.get(id).and_then(|index| known.get_mut(*index)) {
            Some(earlier) => earlier.change_by(row),
            None => {
                places.insert(id.clone(), known.len());
                known.push(row.clone());
            }
        }
    }
}
