//! `backup-window`: backups start inside the off-peak hours, as scheduled and as observed.

mod database;

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, Trigger};
use crate::model::application::OffPeak;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::schedule::{MissingLocalTime, Schedule};
use crate::model::span::Span;
use crate::model::text::Text;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "backup-window",
    title: "backups start inside the off-peak hours of the application",
    docs: "\
## What it judges
Each resource: when its backups start, by the schedules of the plans that cover it and by its jobs and log records.

## Exact semantics
* The off-peak hours are those of the application (`off_peak`, in its `timezone`); where the register has none, `from`
  and `to` in `timezone`. A stretch that ends before it begins ends on the next day; `24:00` is the end of the day.
* As scheduled: every start of the next 35 days, from the instant of judgement on, lies inside, and so does the end of
  its start window: AWS Backup may start a job at any time in it (8 hours unless the plan says otherwise), unless
  `start_window = false`. Local clocks decide, so a schedule in UTC can leave the hours when the clocks change.
* RDS databases that keep automated backups: the whole preferred backup window (in UTC) lies inside on each of those days.
* As observed: every scheduled backup of the last `lookback` began inside. What is made by hand is free.

## What yields `unknown`
The application has no off-peak hours and the rule gives none; nothing is scheduled or on record; the plans, jobs or
the preferred backup window were not read.
",
    remedy: "move the schedule or narrow its start window, or correct the application's off-peak hours in `applications.toml`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: Some(InCode { terraform: "move the `schedule` of the plan's rule or narrow its `start_window`, or set `backup_window` of the database", template: "move the `ScheduleExpression` of the plan's rule or narrow its `StartWindowMinutes`, or set `PreferredBackupWindow` of the database" }),
    params: &[
        Param {
            name: "from",
            ty: ParamType::Text,
            default: None,
            required: false,
            docs: "Where off-peak begins for resources without hours in the register, such as `22:00`.",
        },
        Param {
            name: "to",
            ty: ParamType::Text,
            default: None,
            required: false,
            docs: "Where it ends, such as `06:00`.",
        },
        Param {
            name: "timezone",
            ty: ParamType::Text,
            default: None,
            required: false,
            docs: "The zone of `from` and `to`; without it, that of the policy.",
        },
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some(r#""35d""#),
            required: false,
            docs: "How far back observed starts are judged.",
        },
        Param {
            name: "start_window",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "Whether the whole start window of a plan must lie inside.",
        },
    ],
    reads: &[
        "applications:ReadRegister",
        "backup:ListBackupPlans",
        "backup:ListBackupJobs",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "log:ReadRecords",
    ],
    prepare,
};

use database::Window;

/// How far ahead schedules are followed.
const AHEAD: TimeDelta = TimeDelta::days(35);

struct BackupWindow {
    hours: Option<OffPeak>,
    zone: Option<Tz>,
    lookback: Span,
    start_window: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let time = |name: &'static str| -> Result<Option<NaiveTime>, ParamError> {
        let Some(text) = args.text(name) else { return Ok(None) };
        let parsed = if *text == *"24:00" { Ok(NaiveTime::MIN) } else { NaiveTime::parse_from_str(text, "%H:%M") };
        let parsed = parsed.map_err(|_| {
            ParamError::new(name, format!("`{text}` is not a time of day"), "write for example `22:00`")
        })?;
        Ok(Some(parsed))
    };
    let hours = match (time("from")?, time("to")?) {
        (Some(from), Some(to)) => Some(OffPeak { days: Vec::new(), from, to }),
        (None, None) => None,
        (Some(_), None) => {
            return Err(ParamError::new("from", "`from` needs `to`", "write for example `to = \"06:00\"`"));
        }
        (None, Some(_)) => {
            return Err(ParamError::new("to", "`to` needs `from`", "write for example `from = \"22:00\"`"));
        }
    };
    let zone = args.text("timezone").map(|text| {
        text.parse().map_err(|_| {
            ParamError::new("timezone", format!("`{text}` is not a time zone"), "write for example `Europe/London`")
        })
    });
    let lookback = args.span("lookback").unwrap_or(Span::days(35));
    Ok(Box::new(BackupWindow { hours, zone: zone.transpose()?, lookback, start_window: args.flag("start_window") }))
}

impl Check for BackupWindow {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let Some((hours, zone)) = self.hours_of(case) else {
            if case.is_declared() && case.context.need_applications().is_err() {
                return Ok(Judgement::not_applicable(
                    "no off-peak hours are known to the gate: give the application register with `--applications`",
                ));
            }
            case.context.need_applications()?;
            return Ok(Judgement::unknown(
                "its application has no off-peak hours in the register, and the rule gives none",
            ));
        };
        let facts = |judgement: Judgement| judgement.with("off_peak", shown(&hours)).with("zone", zone.name());
        let (as_of, from) = (case.as_of(), self.lookback.before(case.as_of()));
        let observed: Vec<_> = case
            .activities()
            .iter()
            .filter(|activity| activity.kind == ActivityKind::Backup && activity.trigger() != Some(Trigger::Manual))
            .filter(|activity| activity.started_at >= from && activity.started_at <= as_of)
            .collect();
        let outside: Vec<_> = observed.iter().filter(|activity| !inside(activity.started_at, &hours, zone)).collect();
        if let Some(last) = outside.last() {
            let template = "the backup of {at} ({local} local time) began outside of {off_peak}; {outside} of {observed:backup} did";
            return Ok(facts(Judgement::fail(template))
                .with("at", last.started_at)
                .with("local", last.started_at.with_timezone(&zone).format("%H:%M").to_string())
                .with("outside", outside.len())
                .with("observed", observed.len())
                .shown_by_all(outside.iter().rev().map(|activity| Evidence::activity(activity)), 10));
        }
        let coverage = case.coverage();
        let mut starts = 0_usize;
        for covering in &coverage.by {
            for rule in &covering.plan.rules {
                let Ok(schedule) = Schedule::parse(rule.schedule.as_deref(), rule.timezone.as_deref()) else {
                    continue;
                };
                let window = TimeDelta::minutes(i64::from(rule.start_window_minutes.unwrap_or(480)));
                let end = as_of.checked_add_signed(AHEAD).unwrap_or(Instant::MAX_UTC);
                for start in schedule.occurrences(as_of, end, MissingLocalTime::Shifted) {
                    starts += 1;
                    let latest = start.checked_add_signed(window).unwrap_or(start);
                    let late = self.start_window && !stays_inside(start, latest, &hours, zone);
                    if !inside(start, &hours, zone) || late {
                        let template = if late && inside(start, &hours, zone) {
                            "the plan {plan} may start it as late as {latest} ({local} local time), outside of {off_peak}"
                        } else {
                            "the plan {plan} starts it on {latest} ({local} local time), outside of {off_peak}"
                        };
                        let at = if late && inside(start, &hours, zone) { latest } else { start };
                        return Ok(facts(Judgement::fail(template))
                            .with("plan", &covering.plan.name)
                            .with("latest", at)
                            .with("local", at.with_timezone(&zone).format("%H:%M").to_string())
                            .shown_by(Evidence::new("plan", covering.plan.arn.clone(), Some(start))));
                    }
                }
            }
        }
        let own_window = match database::judge(case.resource, &hours, zone, as_of) {
            Window::Outside(window, start) => {
                let template =
                    "its backup window {window} UTC leaves {off_peak}: on {start} it begins at {local} local time";
                return Ok(facts(Judgement::fail(template))
                    .with("window", window)
                    .with("start", start)
                    .with("local", start.with_timezone(&zone).format("%H:%M").to_string())
                    .shown_by(
                        Evidence::new("setting", case.resource.arn.clone(), None).note("preferred backup window"),
                    ));
            }
            Window::Strange(window) => {
                let template = "its backup window is `{window}`, a form that this version does not know";
                return Ok(facts(Judgement::unknown(template)).with("window", window));
            }
            Window::Unread => {
                let call = case.resource.kind.list_operation().unwrap_or_default();
                return Err(case.unread_named(call, "backup_window"));
            }
            Window::Inside(days) => days,
            Window::None => 0,
        };
        let starts = starts + own_window;
        if starts == 0 && observed.is_empty() {
            return Ok(facts(Judgement::unknown(
                "no backup of it is scheduled by a plan that was read, and none is on record",
            )));
        }
        if coverage.uncertain && observed.is_empty() {
            return Err(case.unread("backup:ListBackupPlans"));
        }
        Ok(facts(Judgement::pass(
            "{observed:backup} began, and {scheduled:start} are scheduled, inside of {off_peak} ({zone})",
        ))
        .with("observed", observed.len())
        .with("scheduled", starts))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl BackupWindow {
    /// The hours that hold for the resource, with their zone.
    fn hours_of(&self, case: &Case<'_>) -> Option<(Vec<OffPeak>, Tz)> {
        let applications = &case.context.estate.inventory.applications;
        let own = case.resource.application.as_ref().and_then(|id| applications.iter().find(|app| app.id == *id));
        let registered = own.filter(|app| !app.off_peak.is_empty()).and_then(|app| {
            let zone: Tz = app.timezone.as_deref()?.parse().ok()?;
            Some((app.off_peak.clone(), zone))
        });
        let given = || self.hours.clone().map(|hours| (vec![hours], self.zone.unwrap_or(case.context.zone)));
        registered.or_else(given)
    }
}

/// Whether an instant lies in one of the stretches, by the wall clock.
fn inside(at: Instant, hours: &[OffPeak], zone: Tz) -> bool {
    let local: DateTime<Tz> = at.with_timezone(&zone);
    let time = local.time();
    let (today, yesterday) = (local.weekday(), local.weekday().pred());
    let on = |stretch: &OffPeak, day| stretch.days.is_empty() || stretch.days.contains(&day);
    hours.iter().any(|stretch| {
        if stretch.from < stretch.to {
            on(stretch, today) && stretch.from <= time && time < stretch.to
        } else {
            // It ends on the next day; `00:00-24:00` is the whole of its day.
            (on(stretch, today) && time >= stretch.from) || (on(stretch, yesterday) && time < stretch.to)
        }
    })
}

/// Whether every moment between the two lies inside, to five minutes.
fn stays_inside(from: Instant, to: Instant, hours: &[OffPeak], zone: Tz) -> bool {
    let mut at = from;
    while at < to {
        if !inside(at, hours, zone) {
            return false;
        }
        at = at.checked_add_signed(TimeDelta::minutes(5)).unwrap_or(to);
    }
    // The window is open at its end: a job starts before it.
    inside(to.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(to).max(from), hours, zone)
}

fn shown(hours: &[OffPeak]) -> Text {
    let one = |stretch: &OffPeak| {
        let days: Vec<String> = stretch.days.iter().map(ToString::to_string).collect();
        let to = if stretch.to == NaiveTime::MIN { "24:00".to_owned() } else { stretch.to.format("%H:%M").to_string() };
        let days = if days.is_empty() { String::new() } else { format!("{} ", days.join(",")) };
        format!("{days}{}-{to}", stretch.from.format("%H:%M"))
    };
    Text::from(hours.iter().map(one).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night() -> Vec<OffPeak> {
        vec![OffPeak { days: Vec::new(), from: "22:00:00".parse().unwrap(), to: "06:00:00".parse().unwrap() }]
    }

    fn is_inside(at: &str, hours: &[OffPeak], zone: &str) -> bool {
        inside(at.parse().unwrap(), hours, zone.parse().unwrap())
    }

    /// London's clocks go forward on 29 March 2026 and back on 25 October 2026, both at 01:00 UTC.
    #[test]
    fn local_clocks_decide_on_the_days_they_change() {
        for (at, expected) in [
            ("2026-03-28T21:59:59Z", false),
            ("2026-03-28T22:00:00Z", true),
            ("2026-03-29T05:00:00Z", false),
            ("2026-03-29T04:59:59Z", true),
            ("2026-10-24T20:59:59Z", false),
            ("2026-10-24T21:00:00Z", true),
            ("2026-10-25T00:30:00Z", true),
            ("2026-10-25T01:30:00Z", true),
            ("2026-10-25T05:59:59Z", true),
            ("2026-10-25T06:00:00Z", false),
        ] {
            assert_eq!(is_inside(at, &night(), "Europe/London"), expected, "{at}");
        }
    }

    #[test]
    fn a_stretch_over_midnight_belongs_to_the_day_it_begins_on() {
        let monday = vec![OffPeak { days: vec![chrono::Weekday::Mon], ..night().remove(0) }];
        assert!(is_inside("2026-11-23T23:00:00Z", &monday, "UTC"), "Monday night");
        assert!(is_inside("2026-11-24T05:00:00Z", &monday, "UTC"), "and on into Tuesday");
        assert!(!is_inside("2026-11-23T05:00:00Z", &monday, "UTC"), "Monday morning belongs to Sunday's night");
        let weekend = vec![OffPeak { days: vec![chrono::Weekday::Sun], from: NaiveTime::MIN, to: NaiveTime::MIN }];
        assert!(
            is_inside("2026-11-22T00:00:00Z", &weekend, "UTC") && is_inside("2026-11-22T23:59:59Z", &weekend, "UTC")
        );
        assert!(!is_inside("2026-11-23T00:00:00Z", &weekend, "UTC"));
    }

    #[test]
    fn a_start_window_that_leaves_the_hours_is_noticed() {
        let at = |text: &str| text.parse().unwrap();
        let stays = |from, to| stays_inside(at(from), at(to), &night(), Tz::UTC);
        assert!(stays("2026-11-22T22:00:00Z", "2026-11-23T06:00:00Z"));
        assert!(!stays("2026-11-22T22:00:00Z", "2026-11-23T06:05:00Z"));
        assert!(!stays("2026-11-22T05:00:00Z", "2026-11-22T23:00:00Z"), "inside at both ends, outside between");
    }
}
