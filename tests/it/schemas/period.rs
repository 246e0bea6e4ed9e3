//! A period in which every field of every type is set.

use lastgood::model::assessment::PolicyRef;
use lastgood::model::gap::{Gap, GapStatus};
use lastgood::model::kind::Kind;
use lastgood::model::outcome::Severity;
use lastgood::model::period::*;

use super::{ACCOUNT, REGION, VOLUME, now, texts};

fn digest() -> &'static str {
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
}

fn totals() -> Totals {
    Totals { required: 9, ok: 4, retried: 1, issues: 1, missed: 1, excepted: 1, no_evidence: 2, open: 1 }
}

fn gap() -> Gap {
    Gap {
        account: ACCOUNT.into(),
        region: REGION.into(),
        service: "ec2".into(),
        operation: "DescribeSnapshots".into(),
        resource: Some(VOLUME.into()),
        status: GapStatus::Denied,
        code: "AccessDenied".into(),
        message: Some("no".into()),
        iam_action: "ec2:DescribeSnapshots".into(),
    }
}

pub(super) fn full() -> PeriodAssessment {
    PeriodAssessment {
        schema: SCHEMA.into(),
        version: "0.1.0".into(),
        period: Days {
            name: "2026-Q3".into(),
            first: "2026-07-01".into(),
            last: "2026-09-30".into(),
            days: 92,
            zone: "Europe/London".into(),
            from: now(),
            to: now(),
        },
        as_of: now(),
        result: PeriodResult::NotSatisfied,
        policy: PolicyRef {
            id: "p".into(),
            title: "p".into(),
            version: "1".into(),
            owner: Some("o@example.com".into()),
            approved_by: Some("a@example.com".into()),
            approved_on: Some("2026-01-15".into()),
            sha256: digest().into(),
        },
        policies: vec![PolicyUse {
            version: "1".into(),
            sha256: digest().into(),
            first_day: "2026-07-01".into(),
            last_day: "2026-09-30".into(),
            runs: 92,
            totals: totals(),
        }],
        totals: totals(),
        clauses: vec![PeriodClause {
            id: "1.1".into(),
            demand: "every day".into(),
            in_force: true,
            result: PeriodResult::Excepted,
            rules: texts(&["daily"]),
            deviations: 1,
            excepted: 1,
            no_evidence: 2,
        }],
        rules: vec![PeriodRule {
            id: "daily".into(),
            title: "every day".into(),
            check: "cadence".into(),
            clauses: texts(&["1.1"]),
            severity: Severity::High,
            basis: Basis::Daily,
            result: PeriodResult::NotEvaluable,
            things: 1,
            totals: totals(),
            deviations: 1,
            excepted: 1,
            sentence: "over the period, 4 of 9 resource-days met".into(),
        }],
        deviations: vec![Deviation {
            id: "D-0123456789ab".into(),
            class: DeviationClass::Operating,
            rule: "daily".into(),
            severity: Severity::High,
            clauses: texts(&["1.1"]),
            resource: VOLUME.into(),
            name: "orders".into(),
            first_day: "2026-07-04".into(),
            last_day: "2026-07-04".into(),
            days: 1,
            remediated: true,
            exception: Some("w-1".into()),
            policy_version: "1".into(),
            sentence: "no good copy on 2026-07-04".into(),
        }],
        exceptions: super::ledger::ledger().exceptions,
        calendar: vec![CalendarCell {
            rule: "tested".into(),
            resource: "estate".into(),
            name: "estate".into(),
            unit: "2026-Q3".into(),
            state: CalendarState::Passed,
            at: Some(now()),
        }],
        matrix: vec![MatrixRow {
            rule: "daily".into(),
            resource: VOLUME.into(),
            name: "orders".into(),
            kind: Kind::EbsVolume,
            account: ACCOUNT.into(),
            region: REGION.into(),
            days: "+rixe?.o".into(),
            remarks: vec![DayRemark { day: "2026-07-04".into(), text: "1 failed".into() }],
        }],
        collector: vec![CollectorDay { day: "2026-07-01".into(), runs: 1, complete: 1, no_evidence: 0 }],
        gaps: vec![PeriodGap { first_day: "2026-07-01".into(), last_day: "2026-07-02".into(), runs: 2, gap: gap() }],
        runs: vec![PeriodRun {
            id: "0123456789abcdef".into(),
            captured_at: now(),
            policy_version: "1".into(),
            inventory: digest().into(),
            complete: true,
        }],
    }
}
