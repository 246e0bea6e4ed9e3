//! Texts and pieces that stand once in a store.

use std::collections::HashMap;

use super::sql::{Cell, Database, Fault, number};
use crate::history::scan::{digest, packed};

/// Gives texts their numbers; new ones are written by [`Texts::write`].
pub(super) struct Texts {
    known: HashMap<String, i64>,
    fresh: Vec<(i64, String)>,
    next: i64,
}

impl Texts {
    pub(super) fn load(database: &mut dyn Database) -> Result<Self, Fault> {
        let (mut known, mut next) = (HashMap::new(), 1);
        database.rows("SELECT id, value FROM lg_text", &[], &mut |row| {
            if let (Some(id), Some(value)) = (row.int(0), row.text(1)) {
                next = next.max(id + 1);
                known.insert(value.to_owned(), id);
            }
            Ok(())
        })?;
        Ok(Self { known, fresh: Vec::new(), next })
    }

    pub(super) fn id(&mut self, value: &str) -> i64 {
        if let Some(id) = self.known.get(value) {
            return *id;
        }
        let id = self.next;
        self.next += 1;
        self.known.insert(value.to_owned(), id);
        self.fresh.push((id, value.to_owned()));
        id
    }

    pub(super) fn write(&mut self, database: &mut dyn Database) -> Result<(), Fault> {
        let mut rows = self.fresh.drain(..).map(|(id, value)| vec![Cell::Int(id), Cell::Text(value)]);
        database.insert("lg_text", &["id", "value"], &mut rows)
    }
}

/// All texts by their numbers, for reading.
pub(super) fn all(database: &mut dyn Database) -> Result<HashMap<i64, String>, Fault> {
    let mut texts = HashMap::new();
    database.rows("SELECT id, value FROM lg_text", &[], &mut |row| {
        if let (Some(id), Some(value)) = (row.int(0), row.text(1)) {
            texts.insert(id, value.to_owned());
        }
        Ok(())
    })?;
    Ok(texts)
}

/// The number of a piece, which is written if no equal one is there.
pub(super) fn piece(database: &mut dyn Database, bytes: &[u8]) -> Result<i64, Fault> {
    let sha256 = digest(bytes);
    if let Some(id) = number(database, "SELECT id FROM lg_piece WHERE sha256 = $1", &[Cell::Text(sha256.clone())])? {
        return Ok(id);
    }
    let id = next(database, "lg_piece", "id")?;
    let row = vec![Cell::Int(id), Cell::Text(sha256), Cell::Bytes(packed(bytes))];
    database.insert("lg_piece", &["id", "sha256", "body"], &mut std::iter::once(row))?;
    Ok(id)
}

/// The first number that a table has not given yet.
pub(super) fn next(database: &mut dyn Database, table: &str, column: &str) -> Result<i64, Fault> {
    Ok(number(database, &format!("SELECT max({column}) FROM {table}"), &[])?.unwrap_or(0) + 1)
}
