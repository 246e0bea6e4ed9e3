//! What a history tells of a period.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::append::kind_code;
use super::load::{Stored, departed, looks, parsed, runs};
use super::sql::{Cell, Database, Fault};
use super::{Store, StoreError, instant, intern, micros};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::assessment::{PolicyAt, RuleInfo, Subject};
use crate::model::kind::Kind;
use crate::model::outcome::{Outcome, Severity};
use crate::model::period::{Attempt, AttemptOutcome, CopySeen, PeriodEvidence, Presence, RunSeen, Thing, VerdictSeen};
use crate::model::span::Span;
use crate::model::text::{Interning, Text};

/// How long before and after the period runs are asked for.
const AROUND: Span = Span::days(3);

/// How far around a period evidence is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// How long before the period a copy may matter.
    pub margin: Span,
    /// Up to when tests that came late are looked for.
    pub until: Instant,
}

impl Store {
    /// The evidence of a period. `asked` says how far around it one has to look.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn evidence(
        &mut self,
        policy: &str,
        period: (Instant, Instant),
        asked: Asked,
    ) -> Result<PeriodEvidence, StoreError> {
        let fails = self.fails();
        let database = &mut *self.database;
        let _interning = Interning::start();
        database.begin_reading().map_err(&fails)?;
        let read = evidence(database, policy, period, asked);
        database.rollback();
        read.map_err(fails)
    }
}

/// A rule as it is kept.
#[derive(Deserialize)]
struct RuleText {
    id: Text,
    title: Text,
    check: Text,
    clauses: Vec<Text>,
    severity: Severity,
    expected: std::collections::BTreeMap<Text, serde_json::Value>,
    remedy: Text,
    policy_at: PolicyAt,
}

type SubjectText = (Text, Text, Kind, Text, Text, Option<Text>);

/// Places of things and rules by their text numbers.
#[derive(Default)]
struct Places {
    things: foldhash::HashMap<i64, u32>,
    by_arn: foldhash::HashMap<Text, u32>,
    /// Asked for every copy, of which a year has millions; so is `seen` below.
    by_arn_number: foldhash::HashMap<i64, u32>,
    rules: foldhash::HashMap<i64, u32>,
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn evidence(
    database: &mut dyn Database,
    policy: &str,
    (from, to): (Instant, Instant),
    Asked { margin, until }: Asked,
) -> Result<PeriodEvidence, Fault> {
    let stored = runs(database)?;
    let (first, last) = (AROUND.before(from), until.max(to) + AROUND.delta());
    let within = |run: &&Stored| run.row.captured_at >= first && run.row.captured_at <= last;
    let around: Vec<&Stored> = stored.iter().filter(within).collect();
    let sets = looks(database, around.iter().map(|run| run.looked))?;
    let mut evidence = PeriodEvidence::default();
    for run in &around {
        let row = &run.row;
        evidence.runs.push(RunSeen {
            id: row.id.clone(),
            stream: u32::try_from(row.stream).unwrap_or(0),
            captured_at: row.captured_at,
            as_of: row.as_of,
            policy: row.policy.clone(),
            inventory: row.inventory.clone(),
            caller: row.caller.clone(),
            looked: sets.get(&run.looked).cloned().unwrap_or_default(),
            gaps: row.gaps.clone(),
        });
    }
    let texts = intern::all(database)?;
    let mut places = Places::default();
    let ours: Vec<i64> = {
        let mut streams: Vec<i64> =
            around.iter().filter(|r| r.row.policy.id == *policy).map(|r| r.row.stream).collect();
        streams.sort_unstable();
        streams.dedup();
        streams
    };
    let timeline = Timeline::new(&around);
    for stream in &ours {
        verdicts(database, *stream, &timeline, &texts, &mut places, &mut evidence)?;
    }
    for (number, value) in &texts {
        if let Some(thing) = places.by_arn.get(value.as_str()) {
            places.by_arn_number.insert(*number, *thing);
        }
    }
    presence(database, &timeline, &places, &mut evidence)?;
    let span = (margin.before(from), to + AROUND.delta());
    // Runs before those around the period have seen a thing before it matters.
    let seen: foldhash::HashMap<i64, u32> = {
        let place = |run: &Stored| around.iter().position(|known| known.row.number == run.row.number);
        stored.iter().map(|run| (run.row.number, place(run).map_or(0, index))).collect()
    };
    let early: std::collections::HashSet<i64> =
        stored.iter().filter(|run| run.row.captured_at > last).map(|run| run.row.number).collect();
    let known = |run: i64| seen.get(&run).copied().filter(|_| !early.contains(&run));
    copies(database, span, &places, &known, &mut evidence)?;
    attempts(database, span, &places, &texts, &known, &mut evidence)?;
    evidence.copies.sort_unstable_by_key(|copy| (copy.thing, copy.from, copy.to, copy.first));
    evidence.attempts.sort_unstable_by_key(|attempt| (attempt.thing, attempt.at, attempt.first));
    // What went later than any rule of the time promised went in its time.
    let promised = evidence.rules.iter().filter(|rule| *rule.check == *"retention-minimum");
    if let Some(keep) = promised.filter_map(|rule| rule.span("keep")).max() {
        evidence.departed = departed(database, &stored, &texts, (from, to + AROUND.delta()), Some(keep))?;
    }
    Ok(evidence)
}

/// The runs of each series, by number.
struct Timeline {
    by_stream: HashMap<i64, Vec<(i64, u32)>>,
}

impl Timeline {
    fn new(around: &[&Stored]) -> Self {
        let mut by_stream: HashMap<i64, Vec<(i64, u32)>> = HashMap::new();
        for (at, run) in around.iter().enumerate() {
            by_stream.entry(run.row.stream).or_default().push((run.row.number, index(at)));
        }
        by_stream.values_mut().for_each(|runs| runs.sort_unstable());
        Self { by_stream }
    }

    /// The first and the last run of a span, as far as they are around the period.
    fn between(&self, stream: i64, first: i64, last: Option<i64>) -> Option<(u32, u32)> {
        let runs = self.by_stream.get(&stream)?;
        let start = runs.partition_point(|(number, _)| *number < first);
        let end = last.map_or(runs.len(), |last| runs.partition_point(|(number, _)| *number <= last));
        let covered = runs.get(start..end)?;
        Some((covered.first()?.1, covered.last()?.1))
    }
}

fn outcome(code: i64) -> Outcome {
    usize::try_from(code).ok().and_then(|at| Outcome::ALL.get(at)).copied().unwrap_or(Outcome::Unknown)
}

fn verdicts(
    database: &mut dyn Database,
    stream: i64,
    timeline: &Timeline,
    texts: &HashMap<i64, String>,
    places: &mut Places,
    evidence: &mut PeriodEvidence,
) -> Result<(), Fault> {
    let sql = "SELECT rule, subject, raw, tested, first_run, last_run FROM lg_verdict WHERE stream = $1 ORDER BY id";
    database.rows(sql, &[Cell::Int(stream)], &mut |row| {
        let at = |column| row.int(column).unwrap_or_default();
        let Some((first, last)) = timeline.between(stream, at(4), row.int(5)) else { return Ok(()) };
        let rule = match places.rules.get(&at(0)) {
            Some(rule) => *rule,
            None => {
                let whole: RuleText = parsed(texts.get(&at(0)).map(String::as_bytes).unwrap_or_default())?;
                let RuleText { id, title, check, clauses, severity, expected, remedy, policy_at } = whole;
                let info = RuleInfo { id, title, check, clauses, severity, expected, remedy, policy_at };
                evidence.rules.push(Arc::new(info));
                let rule = index(evidence.rules.len() - 1);
                places.rules.insert(at(0), rule);
                rule
            }
        };
        let thing = match places.things.get(&at(1)) {
            Some(thing) => *thing,
            None => {
                let whole: SubjectText = parsed(texts.get(&at(1)).map(String::as_bytes).unwrap_or_default())?;
                let (resource, name, kind, account, region, application) = whole;
                // A thing that was renamed is the same thing.
                let thing = *places.by_arn.entry(resource.clone()).or_insert_with(|| {
                    let subject = Subject { resource, name, kind, account, region, application, code: None };
                    evidence.things.push(Thing { subject: Arc::new(subject), created: None });
                    index(evidence.things.len() - 1)
                });
                places.things.insert(at(1), thing);
                thing
            }
        };
        evidence.verdicts.push(VerdictSeen {
            rule,
            thing,
            raw: outcome(at(2)),
            stream: u32::try_from(stream).unwrap_or(0),
            first,
            last,
            tested: row.int(3).map(instant),
        });
        Ok(())
    })
}

fn presence(
    database: &mut dyn Database,
    timeline: &Timeline,
    places: &Places,
    evidence: &mut PeriodEvidence,
) -> Result<(), Fault> {
    let sql = "SELECT arn, created, stream, first_run, last_run FROM lg_resource ORDER BY id";
    database.rows(sql, &[], &mut |row| {
        let at = |column| row.int(column).unwrap_or_default();
        let Some(thing) = places.by_arn_number.get(&at(0)).copied() else { return Ok(()) };
        if let (Some(known), Some(created)) = (evidence.things.get_mut(thing as usize), row.int(1)) {
            known.created = Some(instant(created));
        }
        if let Some((first, last)) = timeline.between(at(2), at(3), row.int(4)) {
            let stream = u32::try_from(at(2)).unwrap_or(0);
            evidence.presence.push(Presence { thing, stream, first, last });
        }
        Ok(())
    })
}

fn copies(
    database: &mut dyn Database,
    (from, to): (Instant, Instant),
    places: &Places,
    known: &dyn Fn(i64) -> Option<u32>,
    evidence: &mut PeriodEvidence,
) -> Result<(), Fault> {
    let sql = "SELECT resource, data_from, data_to, first_run FROM lg_point WHERE data_to >= $1 AND data_from < $2";
    database.rows(sql, &[Cell::Int(micros(from)), Cell::Int(micros(to))], &mut |row| {
        let at = |column| row.int(column).unwrap_or_default();
        if let (Some(thing), Some(first)) = (places.by_arn_number.get(&at(0)).copied(), known(at(3))) {
            evidence.copies.push(CopySeen { thing, from: instant(at(1)), to: instant(at(2)), first });
        }
        Ok(())
    })
}

/// Jobs and log records of backups: good ones whose copy is on record itself add nothing.
fn attempts(
    database: &mut dyn Database,
    (from, to): (Instant, Instant),
    places: &Places,
    texts: &HashMap<i64, String>,
    known: &dyn Fn(i64) -> Option<u32>,
    evidence: &mut PeriodEvidence,
) -> Result<(), Fault> {
    let kind = kind_code(ActivityKind::Backup);
    let sql = "SELECT resource, outcome, started, first_run, covered FROM lg_activity \
               WHERE started >= $1 AND started < $2 AND kind = $3";
    database.rows(sql, &[Cell::Int(micros(from)), Cell::Int(micros(to)), Cell::Int(kind)], &mut |row| {
        let number = |column| row.int(column).unwrap_or_default();
        let (Some(thing), Some(first)) = (places.by_arn_number.get(&number(0)).copied(), known(number(3))) else {
            return Ok(());
        };
        let at = instant(number(2));
        let said = texts.get(&number(1)).map(String::as_str).unwrap_or_default();
        let outcome = match ActivityOutcome::from(said) {
            ActivityOutcome::Succeeded if number(4) == 0 => {
                evidence.copies.push(CopySeen { thing, from: at, to: at, first });
                return Ok(());
            }
            ActivityOutcome::CompletedWithIssues | ActivityOutcome::Partial => AttemptOutcome::Issues,
            ActivityOutcome::Failed | ActivityOutcome::Expired | ActivityOutcome::Aborted => AttemptOutcome::Failed,
            ActivityOutcome::Succeeded | ActivityOutcome::Running | ActivityOutcome::Other(_) => return Ok(()),
        };
        evidence.attempts.push(Attempt { thing, at, outcome, first });
        Ok(())
    })
}
