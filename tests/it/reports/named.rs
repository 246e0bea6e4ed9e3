//! A period by hand: every result, class and state, with a name of one's choice wherever people name things.

use lastgood::model::gap::{Gap, GapStatus};
use lastgood::model::kind::Kind;
use lastgood::model::outcome::Severity;
use lastgood::model::period::*;
use lastgood::report::RenderOptions;

use super::estate;

/// What `format` makes of `period`.
pub(super) fn bytes(period: &PeriodAssessment, format: &str) -> Vec<u8> {
    let mut out = Vec::new();
    lastgood::report::period::write(period, format, &RenderOptions::default(), &mut out).unwrap();
    out
}

fn deviation(id: &str, class: DeviationClass, name: &str, exception: Option<&str>, remediated: bool) -> Deviation {
    Deviation {
        id: id.into(),
        class,
        rule: "daily-backup".into(),
        severity: Severity::High,
        clauses: vec!["1.1".into()],
        resource: format!("arn:aws:ec2:eu-central-1:111122223333:volume/{name}").into(),
        name: name.into(),
        first_day: "2026-07-03".into(),
        last_day: "2026-07-04".into(),
        days: 2,
        remediated,
        exception: exception.map(Into::into),
        policy_version: "2026.1".into(),
        sentence: format!("no good copy of {name}").into(),
    }
}

fn row(name: &str, days: &str) -> MatrixRow {
    MatrixRow {
        rule: "daily-backup".into(),
        resource: format!("arn:aws:ec2:eu-central-1:111122223333:volume/{name}").into(),
        name: name.into(),
        kind: Kind::EbsVolume,
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        days: days.into(),
        remarks: vec![DayRemark { day: "2026-07-03".into(), text: name.into() }],
    }
}

pub(super) fn period(name: &str) -> PeriodAssessment {
    let matrix = vec![row(name, "++xx+ri"), row(&format!("{name}-2"), "..++e?o"), row("fine", "+++++++")];
    let mut totals = Totals::default();
    let letters = matrix.iter().flat_map(|row| row.days.chars());
    letters.for_each(|letter| totals.add(DayState::of_letter(letter).unwrap()));
    let results = [
        ("1.1", PeriodResult::NotSatisfied),
        ("1.2", PeriodResult::NotEvaluable),
        ("1.3", PeriodResult::Excepted),
        ("1.4", PeriodResult::Satisfied),
        ("1.5", PeriodResult::NotApplicable),
    ];
    let clauses = results.map(|(id, result)| PeriodClause {
        id: id.into(),
        demand: format!("{name} is backed up").into(),
        in_force: true,
        result,
        rules: vec!["daily-backup".into()],
        deviations: 2,
        excepted: 1,
        no_evidence: 1,
    });
    let rule = |id: &str, clauses: &[&str], result| PeriodRule {
        id: id.into(),
        title: format!("{name} every day").into(),
        check: "cadence".into(),
        clauses: clauses.iter().map(|id| (*id).into()).collect(),
        severity: Severity::High,
        basis: Basis::Daily,
        result,
        things: 3,
        totals,
        deviations: 2,
        excepted: 1,
        sentence: format!("missed for {name}").into(),
    };
    let cell = |state, at: Option<&str>| CalendarCell {
        rule: "restored-every-quarter".into(),
        resource: "application:shop".into(),
        name: name.into(),
        unit: "2026-Q3".into(),
        state,
        at: at.map(estate::at),
    };
    let day =
        |n: u64| CollectorDay { day: format!("2026-07-0{}", n + 1).into(), runs: n % 3, complete: 0, no_evidence: n };
    let run = |n: u64| PeriodRun {
        id: format!("run-{n}").into(),
        captured_at: estate::at("2026-07-02T05:00:00Z"),
        policy_version: "2026.1".into(),
        inventory: format!("{n:064x}").into(),
        complete: n == 0,
    };
    let assessment = estate::assessment();
    PeriodAssessment {
        schema: SCHEMA.into(),
        version: "0.1.0".into(),
        period: Days {
            name: "2026-07-01..2026-07-07".into(),
            first: "2026-07-01".into(),
            last: "2026-07-07".into(),
            days: 7,
            zone: "Europe/Berlin".into(),
            from: estate::at("2026-06-30T22:00:00Z"),
            to: estate::at("2026-07-07T22:00:00Z"),
        },
        as_of: estate::at("2026-07-07T12:00:00Z"),
        result: PeriodResult::NotSatisfied,
        policies: vec![PolicyUse {
            version: "2026.1".into(),
            sha256: assessment.policy.sha256.clone(),
            first_day: "2026-07-01".into(),
            last_day: "2026-07-07".into(),
            runs: 2,
            totals,
        }],
        policy: assessment.policy,
        totals,
        clauses: clauses.into(),
        rules: vec![
            rule("daily-backup", &["1.1", "1.2", "1.3", "1.4", "1.5"], PeriodResult::NotSatisfied),
            rule("owners", &[], PeriodResult::Satisfied),
        ],
        deviations: vec![
            deviation("D-1", DeviationClass::Operating, name, None, false),
            deviation("D-2", DeviationClass::Timing, name, None, true),
            deviation("D-3", DeviationClass::Design, &format!("{name}-2"), Some("EX-12"), false),
        ],
        exceptions: super::ledger::ledger().exceptions,
        calendar: vec![cell(CalendarState::Passed, Some("2026-07-02T08:00:00Z")), cell(CalendarState::Missing, None)],
        matrix,
        collector: (0..7).map(day).collect(),
        gaps: vec![PeriodGap {
            first_day: "2026-07-02".into(),
            last_day: "2026-07-03".into(),
            runs: 2,
            gap: Gap { code: name.into(), status: GapStatus::Denied, ..assessment.inventory.gaps[0].clone() },
        }],
        runs: (0..2).map(run).collect(),
    }
}
