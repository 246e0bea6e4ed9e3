//! Reading a history back.

use std::collections::{BTreeSet, HashMap};
use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::append::kind_code;
use super::sql::{Cell, Database, Fault, FaultKind};
use super::{Store, StoreError, instant, intern, micros, text};
use crate::history::RunRow;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind};
use crate::model::assessment::Assessment;
use crate::model::period::{Departed, Looked};
use crate::model::span::Span;
use crate::model::text::Text;

/// Activities that are not in an inventory any more, and from when on the jobs of a place are on record without a
/// hole: (account, region, call).
#[derive(Debug, Default)]
pub struct Forgotten {
    /// The activities, oldest first, as their record had them.
    pub activities: Vec<Activity>,
    /// Runs by what they looked at, newest first.
    pub looks: Vec<(Instant, std::sync::Arc<Looked>)>,
}

/// Decompress what a store holds.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut plain = Vec::new();
    let read = ZlibDecoder::new(bytes).read_to_end(&mut plain);
    read.map_err(|error| Fault { kind: FaultKind::Damaged, message: error.to_string() })?;
    Ok(plain)
}

pub(super) fn parsed<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault { kind: FaultKind::Damaged, message: error.to_string() })
}

/// A row of `lg_run`, its head read.
pub(super) struct Stored {
    pub(super) row: RunRow,
    pub(super) looked: i64,
}

pub(super) fn runs(database: &mut dyn Database) -> Result<Vec<Stored>, Fault> {
    let mut runs = Vec::new();
    let sql = "SELECT number, stream, captured_at, head, looked FROM lg_run ORDER BY captured_at, number";
    database.rows(sql, &[], &mut |row| {
        let head: Assessment = parsed(&unpacked(row.bytes(3).unwrap_or_default())?)?;
        let run = RunRow {
            number: row.int(0).unwrap_or_default(),
            id: head.run.id,
            stream: row.int(1).unwrap_or_default(),
            as_of: head.run.as_of,
            captured_at: head.inventory.captured_at,
            policy: head.policy,
            inventory: head.inventory.sha256,
            source: head.run.source,
            caller: head.run.caller,
            accounts: head.inventory.accounts,
            regions: head.inventory.regions,
            summary: head.summary,
            gaps: head.inventory.gaps,
        };
        runs.push(Stored { row: run, looked: row.int(4).unwrap_or_default() });
        Ok(())
    })?;
    Ok(runs)
}

/// A piece, decompressed.
fn piece(database: &mut dyn Database, id: i64) -> Result<Vec<u8>, Fault> {
    let mut body = None;
    database.rows("SELECT body FROM lg_piece WHERE id = $1", &[Cell::Int(id)], &mut |row| {
        body = Some(unpacked(row.bytes(0).unwrap_or_default())?);
        Ok(())
    })?;
    body.ok_or_else(|| Fault { kind: FaultKind::Damaged, message: format!("piece {id} is missing") })
}

/// What each run looked at; runs share most of it.
pub(super) fn looks(
    database: &mut dyn Database,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, std::sync::Arc<Looked>>, Fault> {
    let mut looks = HashMap::new();
    for id in ids.collect::<BTreeSet<_>>() {
        let set: BTreeSet<(Text, Text, Text)> = parsed(&piece(database, id)?)?;
        looks.insert(id, std::sync::Arc::new(Looked(set)));
    }
    Ok(looks)
}

impl Store {
    /// Every run, oldest first by the instant at which it read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn runs(&mut self) -> Result<Vec<RunRow>, StoreError> {
        let fails = self.fails();
        Ok(runs(&mut *self.database).map_err(fails)?.into_iter().map(|stored| stored.row).collect())
    }

    /// The assessment of a run, exactly as it was: by its id or the beginning of it.
    ///
    /// # Errors
    /// [`StoreError::NoRun`] if there is none or more than one.
    pub fn assessment(&mut self, id: &str) -> Result<Assessment, StoreError> {
        let fails = self.fails();
        let database = &mut *self.database;
        let mut found = Vec::new();
        database
            .rows("SELECT id, head, pieces FROM lg_run", &[], &mut |row| {
                if row.text(0).is_some_and(|known| known.starts_with(id)) && !id.is_empty() {
                    let bytes = |column| unpacked(row.bytes(column).unwrap_or_default());
                    found.push((bytes(1)?, bytes(2)?));
                }
                Ok(())
            })
            .map_err(&fails)?;
        let [(head, pieces)] = &found[..] else {
            return Err(StoreError::NoRun { place: self.place.clone(), id: id.to_owned() });
        };
        // The verdicts are the last field, and the head has none.
        let Some(mut json) = head.strip_suffix(b"]}").map(<[u8]>::to_vec) else {
            return Err(self.damaged("the head of the run is cut off"));
        };
        for (at, number) in pieces.chunks_exact(8).enumerate() {
            let id = number.try_into().map_or(0, i64::from_le_bytes);
            if at > 0 {
                json.push(b',');
            }
            json.extend(piece(database, id).map_err(&fails)?);
        }
        json.extend(b"]}");
        parsed(&json).map_err(fails)
    }

    /// Recovery points that a run saw gone within a time, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn departed(&mut self, from: Instant, to: Instant) -> Result<Vec<Departed>, StoreError> {
        let fails = self.fails();
        let database = &mut *self.database;
        let stored = runs(database).map_err(&fails)?;
        let texts = intern::all(database).map_err(&fails)?;
        departed(database, &stored, &texts, (from, to), None).map_err(fails)
    }

    /// The activities that began at or after `since(kind)` and that `known` does not hold, and who looked when.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forgotten(
        &mut self,
        since: &dyn Fn(ActivityKind) -> Instant,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Forgotten, StoreError> {
        let fails = self.fails();
        forgotten(&mut *self.database, since, known).map_err(fails)
    }
}

fn forgotten(
    database: &mut dyn Database,
    since: &dyn Fn(ActivityKind) -> Instant,
    known: &dyn Fn(&str) -> bool,
) -> Result<Forgotten, Fault> {
    use ActivityKind as K;
    // The newest state of each activity counts, whichever series saw it.
    let mut wanted: HashMap<String, (i64, i64, i64)> = HashMap::new();
    let all = [
        K::Backup,
        K::Copy,
        K::Restore,
        K::RestoreTest,
        K::Verification,
        K::Prune,
        K::Recovery,
        K::Notification,
        K::Review,
    ];
    for kind in all {
        let sql =
            "SELECT key, piece, place_in_piece, id FROM lg_activity WHERE kind = $1 AND started >= $2 ORDER BY id";
        database.rows(sql, &[Cell::Int(kind_code(kind)), Cell::Int(micros(since(kind)))], &mut |row| {
            let key = row.text(0).unwrap_or_default();
            if !known(key) {
                let at = |column| row.int(column).unwrap_or_default();
                wanted.insert(key.to_owned(), (at(1), at(2), at(3)));
            }
            Ok(())
        })?;
    }
    let mut by_piece: HashMap<i64, Vec<i64>> = HashMap::new();
    for (piece, place, _) in wanted.into_values() {
        by_piece.entry(piece).or_default().push(place);
    }
    let mut activities: Vec<Activity> = Vec::new();
    for (id, places) in by_piece {
        let body = piece(database, id)?;
        let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
        for place in places {
            let line = usize::try_from(place).ok().and_then(|at| lines.get(at)).copied().unwrap_or_default();
            activities.push(parsed(line)?);
        }
    }
    activities.sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
    // The heads of the runs are not needed for this, and there may be a thousand of them.
    let mut when = Vec::new();
    database.rows(
        "SELECT captured_at, looked FROM lg_run ORDER BY captured_at DESC, number DESC",
        &[],
        &mut |row| {
            when.push((instant(row.int(0).unwrap_or_default()), row.int(1).unwrap_or_default()));
            Ok(())
        },
    )?;
    let sets = looks(database, when.iter().map(|(_, looked)| *looked))?;
    let looks = when.into_iter().map(|(at, looked)| (at, sets.get(&looked).cloned().unwrap_or_default())).collect();
    Ok(Forgotten { activities, looks })
}

/// The points that runs of this time saw gone; with `younger`, only usable ones that were younger than that and than
/// their own lifecycle: a year has millions that went in their time.
pub(super) fn departed(
    database: &mut dyn Database,
    stored: &[Stored],
    texts: &HashMap<i64, String>,
    (from, to): (Instant, Instant),
    younger: Option<Span>,
) -> Result<Vec<Departed>, Fault> {
    let sets = looks(database, stored.iter().map(|run| run.looked))?;
    let at: HashMap<i64, Instant> = stored.iter().map(|run| (run.row.number, run.row.captured_at)).collect();
    // Only runs that read the list can have seen a point: the last one that did, up to the end of its span.
    let last_look = |stream: i64, place: &str, up_to: i64| {
        let words: Vec<&str> = place.splitn(3, ' ').collect();
        let [account, region, call] = words[..] else { return None };
        let looked = stored.iter().rev().filter(|run| run.row.stream == stream && run.row.number <= up_to);
        let mut looked = looked.filter(|run| sets.get(&run.looked).is_some_and(|set| set.at(account, region, call)));
        looked.next().map(|run| run.row.captured_at)
    };
    // The age is a bound of the index, if one begins with the runs (SQLite keeps the order of a cross join): nothing is
    // touched of what went in its time. Texts are looked up for the others.
    let sql = "SELECT t.resource, t.prefix, t.name, t.facts, t.usable, t.started, t.last_run, t.gone, t.stream, t.place, \
               t.data_from, t.id FROM lg_run g CROSS JOIN lg_point t \
               WHERE t.gone = g.number AND t.gone IS NOT NULL AND g.captured_at >= $1 AND g.captured_at < $2 \
               AND t.started > g.captured_at - $3 AND t.usable >= $4";
    let longest = younger.map_or(i64::MAX / 2, |younger| younger.as_seconds().saturating_mul(1_000_000));
    let cells = [micros(from), micros(to), longest, i64::from(younger.is_some())].map(Cell::Int);
    let mut departed = Vec::new();
    database.rows(sql, &cells, &mut |row| {
        let int = |column| row.int(column).unwrap_or_default();
        let of = |column| texts.get(&int(column)).map(String::as_str).unwrap_or_default();
        let Some(gone) = at.get(&int(7)).copied() else { return Ok(()) };
        let own_days = of(3).split(' ').nth(2).and_then(|days| days.parse().ok());
        let created = instant(row.int(10).unwrap_or_else(|| int(5)));
        let in_its_time = |days: u32| Span::between(created, gone) >= Span::days(i64::from(days));
        if younger.is_some() && own_days.is_some_and(in_its_time) {
            return Ok(());
        }
        let seen = last_look(int(8), of(9), int(6)).or_else(|| at.get(&int(6)).copied()).unwrap_or(gone);
        let found = Departed {
            arn: text(&format!("{}{}", of(1), row.text(2).unwrap_or_default())),
            resource: text(of(0)),
            created,
            last_seen: seen,
            gone,
            own_days,
            usable: int(4) != 0,
        };
        departed.push((gone, int(11), found));
        Ok(())
    })?;
    departed.sort_unstable_by_key(|(gone, id, _)| (*gone, *id));
    Ok(departed.into_iter().map(|(_, _, found)| found).collect())
}
