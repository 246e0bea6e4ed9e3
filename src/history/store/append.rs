//! Appending a scan: one transaction, once.

mod spans;

use std::collections::HashMap;

use super::intern::{self, Texts};
use super::sql::{Cell, Database, Fault, number};
use super::{Store, StoreError, micros};
use crate::history::scan::{self, Scan, json, packed};
use crate::model::activity::ActivityKind;
use crate::model::assessment::Verdict;
use crate::model::outcome::Outcome;
use crate::model::period::Looked;
use crate::model::resource::Existence;
use spans::{Open, Spans};

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the history now, under this number.
    Now(i64),
    /// It was there already: the same policy, inventory and instant.
    Before(i64),
}

impl Store {
    /// Append a scan. Either all of it is kept or nothing; what was there stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn append(&mut self, scan: &Scan<'_>) -> Result<Appended, StoreError> {
        let fails = self.fails();
        let database = &mut *self.database;
        database.begin().map_err(&fails)?;
        let done = append(database, scan).and_then(|appended| database.commit().map(|()| appended));
        done.map_err(|fault| {
            database.rollback();
            fails(fault)
        })
    }
}

/// So many activities share a piece.
const TOGETHER: usize = 1000;

/// What all parts of an append need.
pub(super) struct Turn<'t> {
    stream: i64,
    /// The number of this run.
    now: i64,
    /// That of the run before in the series.
    before: i64,
    texts: &'t mut Texts,
}

fn append(database: &mut dyn Database, scan: &Scan<'_>) -> Result<Appended, Fault> {
    let run = &scan.assessment.run;
    let known = number(database, "SELECT number FROM lg_run WHERE id = $1", &[run.id.as_str().into()])?;
    if let Some(number) = known {
        return Ok(Appended::Before(number));
    }
    let now = intern::next(database, "lg_run", "number")?;
    let (stream, before) = stream(database, scan)?;
    let mut texts = Texts::load(database)?;
    let mut pieces = Vec::new();
    for piece in scan.pieces() {
        pieces.extend(intern::piece(database, &piece)?.to_le_bytes());
    }
    let looked = scan.looked();
    let looked_piece = intern::piece(database, &json(&looked.0))?;
    let mut turn = Turn { stream, now, before, texts: &mut texts };
    verdicts(database, scan, &mut turn)?;
    resources(database, scan, &looked, &mut turn)?;
    points(database, scan, &looked, &mut turn)?;
    activities(database, scan, &mut turn)?;
    texts.write(database)?;
    let row = vec![
        Cell::Int(now),
        run.id.as_str().into(),
        Cell::Int(stream),
        Cell::Int(micros(run.as_of)),
        Cell::Int(micros(scan.inventory.captured_at)),
        Cell::Bytes(packed(&scan.head())),
        Cell::Bytes(packed(&pieces)),
        Cell::Int(looked_piece),
    ];
    let columns = ["number", "id", "stream", "as_of", "captured_at", "head", "pieces", "looked"];
    database.insert("lg_run", &columns, &mut std::iter::once(row))?;
    Ok(Appended::Now(now))
}

/// The series that this run continues, and its newest run. A run that is older than the newest of every series of its
/// name begins another: spans only ever grow forward.
fn stream(database: &mut dyn Database, scan: &Scan<'_>) -> Result<(i64, i64), Fault> {
    let name = scan.stream();
    let mut newest: HashMap<i64, (i64, i64)> = HashMap::new();
    let sql = "SELECT r.stream, r.captured_at, r.number FROM lg_run r JOIN lg_stream s ON s.id = r.stream \
               WHERE s.name = $1 ORDER BY r.captured_at, r.number";
    database.rows(sql, &[name.as_str().into()], &mut |row| {
        if let (Some(stream), Some(at), Some(run)) = (row.int(0), row.int(1), row.int(2)) {
            newest.insert(stream, (at, run));
        }
        Ok(())
    })?;
    let at = micros(scan.inventory.captured_at);
    let mut streams: Vec<_> = newest.into_iter().filter(|(_, (newest, _))| *newest <= at).collect();
    streams.sort_unstable();
    if let Some((stream, (_, run))) = streams.first() {
        return Ok((*stream, *run));
    }
    let id = intern::next(database, "lg_stream", "id")?;
    database.insert("lg_stream", &["id", "name"], &mut std::iter::once(vec![Cell::Int(id), name.as_str().into()]))?;
    Ok((id, 0))
}

fn code(outcome: Outcome) -> i64 {
    Outcome::ALL.iter().position(|known| *known == outcome).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
}

/// A rule with its parameters, as a text: the spans of two versions of a rule differ.
fn rule_text(verdict: &Verdict) -> String {
    let rule = &verdict.rule;
    let whole = serde_json::json!({
        "id": rule.id, "title": rule.title, "check": rule.check, "clauses": rule.clauses, "severity": rule.severity,
        "expected": rule.expected, "remedy": rule.remedy, "policy_at": rule.policy_at,
    });
    whole.to_string()
}

fn subject_text(verdict: &Verdict) -> String {
    let subject = &verdict.subject;
    let whole = serde_json::json!([
        subject.resource,
        subject.name,
        subject.kind,
        subject.account,
        subject.region,
        subject.application
    ]);
    whole.to_string()
}

/// Outcome, raw outcome, exception and last good test.
type VerdictState = (i64, i64, i64, Option<i64>);

fn verdicts(database: &mut dyn Database, scan: &Scan<'_>, turn: &mut Turn<'_>) -> Result<(), Fault> {
    let sql = "SELECT id, rule, subject, outcome, raw, waiver, tested FROM lg_verdict \
               WHERE stream = $1 AND last_run IS NULL";
    let mut open: HashMap<(i64, i64), Open<VerdictState>> = HashMap::new();
    database.rows(sql, &[Cell::Int(turn.stream)], &mut |row| {
        let at = |column| row.int(column).unwrap_or_default();
        open.insert((at(1), at(2)), Open::new(at(0), (at(3), at(4), at(5), row.int(6))));
        Ok(())
    })?;
    let mut spans = Spans::new(open, intern::next(database, "lg_verdict", "id")?);
    let mut rows = Vec::new();
    let (mut rules, mut subjects) = (HashMap::new(), HashMap::new());
    for verdict in &scan.assessment.verdicts {
        // Rules and subjects are shared between verdicts: each is written out once.
        let rule =
            *rules.entry(std::sync::Arc::as_ptr(&verdict.rule)).or_insert_with(|| turn.texts.id(&rule_text(verdict)));
        let subject = *subjects
            .entry(std::sync::Arc::as_ptr(&verdict.subject))
            .or_insert_with(|| turn.texts.id(&subject_text(verdict)));
        let waiver = verdict.waiver.as_ref().map_or(0, |waiver| turn.texts.id(&waiver.id));
        let tested = scan::tested(verdict).map(micros);
        let state = (code(verdict.outcome), code(verdict.raw_outcome), waiver, tested);
        if let Some(id) = spans.see((rule, subject), state) {
            let mut row: Vec<Cell> =
                [id, turn.stream, rule, subject, state.0, state.1, waiver].into_iter().map(Cell::Int).collect();
            row.extend([tested.into(), Cell::Int(turn.now)]);
            rows.push(row);
        }
    }
    let columns = ["id", "stream", "rule", "subject", "outcome", "raw", "waiver", "tested", "first_run"];
    database.insert("lg_verdict", &columns, &mut rows.into_iter())?;
    spans::close(database, "lg_verdict", "last_run", turn.before, &spans.ended(|_| true))
}

/// A resource that is not listed is gone only if its list was read to the end.
fn resources(database: &mut dyn Database, scan: &Scan<'_>, looked: &Looked, turn: &mut Turn<'_>) -> Result<(), Fault> {
    let sql = "SELECT r.id, r.arn, r.facts, r.created, t.value FROM lg_resource r JOIN lg_text t ON t.id = r.facts \
               WHERE r.stream = $1 AND r.last_run IS NULL";
    let mut open = HashMap::new();
    let mut places: HashMap<i64, String> = HashMap::new();
    database.rows(sql, &[Cell::Int(turn.stream)], &mut |row| {
        let at = |column| row.int(column).unwrap_or_default();
        open.insert(at(1), Open::new(at(0), (at(2), row.int(3))));
        places.insert(at(2), row.text(4).unwrap_or_default().to_owned());
        Ok(())
    })?;
    let mut spans = Spans::new(open, intern::next(database, "lg_resource", "id")?);
    let mut rows = Vec::new();
    for resource in scan.inventory.resources.iter().filter(|resource| resource.existence == Existence::Present) {
        let arn = turn.texts.id(&resource.arn);
        let call = resource.kind.list_operation().unwrap_or_default();
        let facts = turn.texts.id(&format!("{} {} {call}", resource.account, resource.region));
        let created = resource.created_at.known().map(|created| micros(*created));
        if let Some(id) = spans.see(arn, (facts, created)) {
            rows.push(vec![
                Cell::Int(id),
                Cell::Int(turn.stream),
                Cell::Int(arn),
                Cell::Int(facts),
                created.into(),
                Cell::Int(turn.now),
            ]);
        }
    }
    let columns = ["id", "stream", "arn", "facts", "created", "first_run"];
    database.insert("lg_resource", &columns, &mut rows.into_iter())?;
    let is_gone = |(facts, _): &(i64, Option<i64>)| {
        let place = places.get(facts).map(String::as_str).unwrap_or_default();
        let mut words = place.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some(account), Some(region), Some(call)) if !call.is_empty() => {
                looked.at(account, region, call) || looked.at(account, "global", call)
            }
            _ => true,
        }
    };
    spans::close(database, "lg_resource", "last_run", turn.before, &spans.ended(is_gone))
}

type PointState = (i64, i64, Option<i64>, Option<i64>);

/// Recovery points, and the restore windows that resources have of themselves. A point that is not listed is gone only
/// if the list that would hold it was read to the end; otherwise nobody looked, and its span stays open.
fn points(database: &mut dyn Database, scan: &Scan<'_>, looked: &Looked, turn: &mut Turn<'_>) -> Result<(), Fault> {
    let sql = "SELECT id, prefix, name, vault, place, facts, data_from, data_to FROM lg_point \
               WHERE stream = $1 AND last_run IS NULL";
    let mut open: HashMap<(i64, String, i64), Open<PointState>> = HashMap::new();
    database.rows(sql, &[Cell::Int(turn.stream)], &mut |row| {
        let at = |column| row.int(column).unwrap_or_default();
        let key = (at(1), row.text(2).unwrap_or_default().to_owned(), at(3));
        open.insert(key, Open::new(at(0), (at(4), at(5), row.int(6), row.int(7))));
        Ok(())
    })?;
    let mut spans = Spans::new(open, intern::next(database, "lg_point", "id")?);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut looked_at: HashMap<i64, bool> = HashMap::new();
    for (point, reach) in scan.inventory.points.iter().zip(&scan.reaches) {
        let split = point.arn.rfind(['/', ':']).map_or(0, |at| at + 1);
        let (prefix, name) = point.arn.split_at_checked(split).unwrap_or(("", &point.arn));
        let (prefix, vault) = (turn.texts.id(prefix), turn.texts.id(point.vault.as_deref().unwrap_or_default()));
        let call = scan::lists(point.kind);
        let place = turn.texts.id(&format!("{} {} {call}", point.account, point.region));
        looked_at.entry(place).or_insert_with(|| looked.at(&point.account, &point.region, call));
        let facts = turn.texts.id(&scan::facts(point));
        let (from, to) = (reach.as_ref().map(|r| micros(r.from)), reach.as_ref().map(|r| micros(r.to)));
        if let Some(id) = spans.see((prefix, name.to_owned(), vault), (place, facts, from, to)) {
            let resource = turn.texts.id(point.resource.as_deref().unwrap_or(&point.arn));
            let mut row: Vec<Cell> = [id, turn.stream, resource, place, prefix].into_iter().map(Cell::Int).collect();
            row.extend([name.into(), Cell::Int(vault), Cell::Int(facts), Cell::Int(i64::from(point.is_usable()))]);
            row.extend([Cell::Int(micros(point.started_at)), from.into(), to.into(), Cell::Int(turn.now)]);
            rows.push(row);
        }
    }
    let nothing = turn.texts.id("");
    for (arn, reach) in &scan.windows {
        let (resource, place) = (turn.texts.id(arn), turn.texts.id("restore window"));
        let (from, to) = (micros(reach.from), micros(reach.to));
        if let Some(id) = spans.see((resource, String::new(), nothing), (place, place, Some(from), Some(to))) {
            let mut row: Vec<Cell> = [id, turn.stream, resource, place, resource].into_iter().map(Cell::Int).collect();
            row.extend(["".into(), Cell::Int(nothing), Cell::Int(place), Cell::Int(1)]);
            row.extend([from, from, to, turn.now].map(Cell::Int));
            rows.push(row);
        }
    }
    let columns = [
        "id",
        "stream",
        "resource",
        "place",
        "prefix",
        "name",
        "vault",
        "facts",
        "usable",
        "started",
        "data_from",
        "data_to",
        "first_run",
    ];
    database.insert("lg_point", &columns, &mut rows.into_iter())?;
    let (changed, missing) = spans.changed_and_missing();
    spans::close(database, "lg_point", "last_run", turn.before, &changed)?;
    // Places of which the inventory holds no point today are known by their text alone.
    let wanted: Vec<i64> = missing.iter().map(|(_, state)| state.0).filter(|p| !looked_at.contains_key(p)).collect();
    if !wanted.is_empty() {
        for (id, place) in intern::all(database)? {
            let words: Vec<&str> = place.splitn(3, ' ').collect();
            if let [account, region, call] = words[..] {
                looked_at.entry(id).or_insert_with(|| looked.at(account, region, call));
            }
        }
    }
    let gone: Vec<i64> = missing
        .into_iter()
        .filter(|(_, state)| looked_at.get(&state.0).copied().unwrap_or(false))
        .map(|(id, _)| id)
        .collect();
    spans::close(database, "lg_point", "last_run", turn.before, &gone)?;
    spans::close(database, "lg_point", "gone", turn.now, &gone)
}

const KINDS: [ActivityKind; 9] = [
    ActivityKind::Backup,
    ActivityKind::Copy,
    ActivityKind::Restore,
    ActivityKind::RestoreTest,
    ActivityKind::Verification,
    ActivityKind::Prune,
    ActivityKind::Recovery,
    ActivityKind::Notification,
    ActivityKind::Review,
];

/// The number under which a kind is kept.
pub(super) fn kind_code(kind: ActivityKind) -> i64 {
    KINDS.iter().position(|known| *known == kind).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
}

/// Activities by the id that their record gives them. One that goes on has a row for each state in which it was seen.
fn activities(database: &mut dyn Database, scan: &Scan<'_>, turn: &mut Turn<'_>) -> Result<(), Fault> {
    let mut open: HashMap<String, Open<String>> = HashMap::new();
    let sql = "SELECT id, key, state FROM lg_activity WHERE stream = $1 AND last_run IS NULL";
    database.rows(sql, &[Cell::Int(turn.stream)], &mut |row| {
        let text = |column| row.text(column).unwrap_or_default().to_owned();
        open.insert(text(1), Open::new(row.int(0).unwrap_or_default(), text(2)));
        Ok(())
    })?;
    let mut spans = Spans::new(open, intern::next(database, "lg_activity", "id")?);
    let stored: std::collections::HashSet<&str> = scan.inventory.points.iter().map(|p| p.arn.as_str()).collect();
    let mut fresh = Vec::new();
    // What comes from the history is in it already.
    for activity in scan.inventory.activities.iter().filter(|activity| !crate::history::forgotten::is_marked(activity))
    {
        let body = json(activity);
        let state = scan::digest(&body).chars().take(16).collect();
        if let Some(id) = spans.see(crate::history::forgotten::key(activity), state) {
            fresh.push((id, activity, body));
        }
    }
    for chunk in fresh.chunks(TOGETHER) {
        let lines: Vec<&[u8]> = chunk.iter().map(|(_, _, body)| body.as_slice()).collect();
        let piece = intern::piece(database, &lines.join(&b'\n'))?;
        let mut rows = Vec::new();
        for (at, (id, activity, body)) in chunk.iter().enumerate() {
            let resource = turn.texts.id(activity.resource.as_deref().unwrap_or_default());
            let outcome = turn.texts.id(activity.outcome.id());
            let covered = activity.point.as_ref().is_some_and(|point| stored.contains(point.as_str()));
            rows.push(vec![
                Cell::Int(*id),
                Cell::Int(turn.stream),
                Cell::Text(crate::history::forgotten::key(activity)),
                Cell::Text(scan::digest(body).chars().take(16).collect()),
                Cell::Int(resource),
                Cell::Int(kind_code(activity.kind)),
                Cell::Int(outcome),
                Cell::Int(i64::from(covered)),
                Cell::Int(micros(activity.started_at)),
                Cell::Int(piece),
                Cell::Int(i64::try_from(at).unwrap_or_default()),
                Cell::Int(turn.now),
            ]);
        }
        let columns = [
            "id",
            "stream",
            "key",
            "state",
            "resource",
            "kind",
            "outcome",
            "covered",
            "started",
            "piece",
            "place_in_piece",
            "first_run",
        ];
        database.insert("lg_activity", &columns, &mut rows.into_iter())?;
    }
    spans::close(database, "lg_activity", "last_run", turn.before, &spans.ended(|_| true))
}
