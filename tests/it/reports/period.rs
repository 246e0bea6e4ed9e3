//! The page of a period made by hand: a quarter of twelve things, with everything that can happen to a day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lastgood::model::kind::Kind;
use lastgood::model::outcome::Severity;
use lastgood::model::period::*;
use lastgood::report::RenderOptions;
use lastgood::report::period::{FORMATS, write};

use super::estate;
use super::hostile::NAMES;

const DAYS: usize = 92;

fn row(at: usize, days: &str) -> MatrixRow {
    MatrixRow {
        rule: "daily-backup".into(),
        resource: format!("arn:aws:rds:eu-central-1:111122223333:db:orders-{at}").into(),
        name: format!("orders-{at}").into(),
        kind: Kind::RdsInstance,
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        days: days.into(),
        remarks: vec![],
    }
}

fn matrix() -> Vec<MatrixRow> {
    let all: Vec<char> = DayState::ALL.iter().map(|(_, letter)| *letter).collect();
    (0..12)
        .map(|at| {
            let day = |day: usize| match (at, day) {
                (_, 60) => '?',
                (3, 20..=22) => 'x',
                (5, 40) => 'e',
                (7, 0..=30) => '.',
                (8, 89..) => 'o',
                (9, day) if day < all.len() => all[day],
                _ => '+',
            };
            row(at, &(0..DAYS).map(day).collect::<String>())
        })
        .collect()
}

pub(super) fn period() -> PeriodAssessment {
    let matrix = matrix();
    let mut totals = Totals::default();
    for letter in matrix.iter().flat_map(|row| row.days.chars()) {
        totals.add(DayState::of_letter(letter).unwrap());
    }
    let assessment = estate::assessment();
    let deviation = |id: &str, first: &str, last: &str, days, remediated, exception: Option<&str>| Deviation {
        id: id.into(),
        class: DeviationClass::Operating,
        rule: "daily-backup".into(),
        severity: Severity::High,
        clauses: vec!["1.1".into()],
        resource: "arn:aws:rds:eu-central-1:111122223333:db:orders-3".into(),
        name: "orders-3".into(),
        first_day: first.into(),
        last_day: last.into(),
        days,
        remediated,
        exception: exception.map(Into::into),
        policy_version: "2026.1".into(),
        sentence: "no good copy was made on 3 days".into(),
    };
    let cell = |resource: &str, unit: &str, state, at: Option<&str>| CalendarCell {
        rule: "restore-tested-quarterly".into(),
        resource: format!("application:{resource}").into(),
        name: resource.into(),
        unit: unit.into(),
        state,
        at: at.map(estate::at),
    };
    let first: NaiveDate = "2026-07-01".parse().unwrap();
    PeriodAssessment {
        schema: SCHEMA.into(),
        version: "0.1.0".into(),
        period: Days {
            name: "2026-Q3".into(),
            first: "2026-07-01".into(),
            last: "2026-09-30".into(),
            days: DAYS as u64,
            zone: "Europe/Berlin".into(),
            from: estate::at("2026-06-30T22:00:00Z"),
            to: estate::at("2026-09-30T22:00:00Z"),
        },
        as_of: estate::at("2026-10-02T06:00:00Z"),
        result: PeriodResult::NotSatisfied,
        policy: assessment.policy.clone(),
        policies: vec![PolicyUse {
            version: "2026.1".into(),
            sha256: "3f9c".repeat(16).into(),
            first_day: "2026-07-01".into(),
            last_day: "2026-09-30".into(),
            runs: 91,
            totals,
        }],
        totals,
        clauses: [
            ("1.1", PeriodResult::NotSatisfied),
            ("3.1", PeriodResult::NotEvaluable),
            ("7.1", PeriodResult::Satisfied),
        ]
        .map(|(id, result)| PeriodClause {
            id: id.into(),
            demand: "every database is backed up daily".into(),
            in_force: id != "7.1",
            result,
            rules: vec!["daily-backup".into()],
            deviations: 1,
            excepted: 1,
            no_evidence: totals.no_evidence,
        })
        .into(),
        rules: vec![PeriodRule {
            id: "daily-backup".into(),
            title: "a usable recovery point every day".into(),
            check: "cadence".into(),
            clauses: vec!["1.1".into()],
            severity: Severity::High,
            basis: Basis::Daily,
            result: PeriodResult::NotSatisfied,
            things: 12,
            totals,
            deviations: 1,
            excepted: 1,
            sentence: "3 days missed".into(),
        }],
        deviations: vec![
            deviation("D-0a1b2c3d", "2026-07-21", "2026-07-23", 3, false, None),
            deviation("D-1a1b2c3d", "2026-08-10", "2026-08-10", 1, true, Some("w-scratch")),
            deviation("D-2a1b2c3d", "2026-09-01", "2026-09-01", 1, true, None),
        ],
        exceptions: super::ledger::ledger().exceptions,
        calendar: vec![
            cell("shop", "2026-Q3", CalendarState::Passed, Some("2026-07-14T08:47:00Z")),
            cell("billing", "2026-Q3", CalendarState::Late, Some("2026-10-01T08:00:00Z")),
            cell("crm", "2026-Q3", CalendarState::Missing, None),
            cell("intranet", "2026-Q3", CalendarState::NoEvidence, None),
        ],
        matrix,
        collector: first
            .iter_days()
            .take(DAYS)
            .enumerate()
            .map(|(at, day)| CollectorDay {
                day: day.to_string().into(),
                runs: u64::from(at != 60),
                complete: u64::from(at % 30 != 0),
                no_evidence: if at == 60 { 12 } else { 0 },
            })
            .collect(),
        gaps: assessment
            .inventory
            .gaps
            .into_iter()
            .map(|gap| PeriodGap { first_day: "2026-07-31".into(), last_day: "2026-08-30".into(), runs: 2, gap })
            .collect(),
        runs: (0..91)
            .map(|at| PeriodRun {
                id: format!("run{at:03}of2026q3").into(),
                captured_at: estate::at("2026-07-01T06:00:00Z") + chrono::TimeDelta::days(at),
                policy_version: "2026.1".into(),
                inventory: "91ab".repeat(16).into(),
                complete: at % 30 != 0,
            })
            .collect(),
    }
}

/// The same with names that attack the reader.
pub(super) fn hostile() -> PeriodAssessment {
    let mut period = period();
    let mut names = NAMES.iter().cycle();
    let mut next = || lastgood::model::text::Text::from(*names.next().unwrap());
    (period.policy.id, period.policy.title, period.policy.version) = (next(), next(), next());
    (period.period.name, period.period.zone) = (next(), next());
    for one in &mut period.deviations {
        (one.rule, one.name, one.resource, one.sentence) = (next(), next(), next(), next());
        one.exception = one.exception.as_ref().map(|_| next());
    }
    for row in &mut period.matrix {
        (row.rule, row.name, row.resource) = (next(), next(), next());
    }
    for rule in &mut period.rules {
        (rule.id, rule.title, rule.check, rule.sentence) = (next(), next(), next(), next());
    }
    for clause in &mut period.clauses {
        (clause.id, clause.demand) = (next(), next());
    }
    for cell in &mut period.calendar {
        (cell.rule, cell.name, cell.resource, cell.unit) = (next(), next(), next(), next());
    }
    for run in &mut period.runs {
        (run.id, run.policy_version, run.inventory) = (next(), next(), next());
    }
    for one in &mut period.exceptions {
        (one.waiver.id, one.waiver.reason, one.waiver.approved_by) = (next(), next(), next());
        one.rules = vec![next()];
    }
    period
}

pub(super) fn page(period: &PeriodAssessment) -> String {
    let mut out = Vec::new();
    write(period, "html", &RenderOptions::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_totals_of_the_page_are_those_of_the_days() {
    let (period, shown) = (period(), page(&period()));
    let Totals { required, ok, retried, issues, missed, excepted, no_evidence, open } = period.totals;
    for (name, number) in [
        ("required", required),
        ("ok", ok),
        ("retried", retried),
        ("issues", issues),
        ("missed", missed),
        ("excepted", excepted),
        ("no-evidence", no_evidence),
        ("open", open),
    ] {
        assert!(shown.contains(&format!("data-total=\"{name}\">{number}<")), "{name}");
    }
    for (class, rows) in [
        ("clause-row", period.clauses.len()),
        ("rule-row", period.rules.len()),
        ("deviation", period.deviations.len()),
        ("calendar-row", period.calendar.len()),
        ("gap", period.gaps.len()),
        ("run", period.runs.len()),
    ] {
        assert_eq!(shown.matches(&format!("<tr class=\"{class}\">")).count(), rows, "{class}");
    }
}

/// What is drawn is what was judged: the squares of each resource, unrolled, are its days.
#[test]
fn the_days_that_are_drawn_are_those_of_the_matrix() {
    let shown = page(&period());
    let class = |state: DayState| match state {
        DayState::Ok => "good",
        DayState::NotInScope => "before",
        DayState::Open => "open",
        other => other.id(),
    };
    let letters: BTreeMap<&str, char> = DayState::ALL.iter().map(|(state, letter)| (class(*state), *letter)).collect();
    let drawn = shown.split("<g transform=").skip(1).map(|row| {
        let row = row.split("</g>").next().unwrap();
        let days = row.split("<rect fill=\"url(#days-0-0-").skip(1).map(|rect| {
            let (class, rest) = rect.split_once(')').unwrap();
            let wide = rest.split("width=\"").nth(1).unwrap().split('"').next().unwrap();
            letters[class].to_string().repeat(wide.parse::<usize>().unwrap() / 8)
        });
        days.collect::<String>()
    });
    let mut drawn: Vec<String> = drawn.filter(|days| !days.is_empty()).collect();
    let mut judged: Vec<String> = period().matrix.iter().map(|row| row.days.to_string()).collect();
    drawn.sort();
    judged.sort();
    assert_eq!(drawn, judged);
    assert!(shown.contains("1 have no run"), "the day on which nobody looked is told");
}

#[test]
fn no_name_of_a_period_becomes_markup() {
    let shown = page(&hostile());
    assert!(!shown.contains("<script>alert") && !shown.contains("<img") && !shown.contains("<iframe"));
    assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && shown.contains("\\u{202e}gpj.exe"));
    let tags = |text: &str| text.matches('<').count();
    let plain = page(&period());
    let rows = |text: &str| text.matches("<tr").count();
    assert_eq!(rows(&shown), rows(&plain), "a row was split");
    assert!(tags(&shown) > 0);
}

#[test]
fn two_renderings_of_a_period_are_the_same_bytes() {
    for (name, _) in FORMATS {
        let render = || {
            let mut out = Vec::new();
            write(&period(), name, &RenderOptions::default(), &mut out).unwrap();
            out
        };
        assert!(render() == render(), "{name}");
    }
}
