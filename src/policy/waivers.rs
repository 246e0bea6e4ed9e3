//! Waivers: approved by somebody else, from a day to a day.

use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::Waiver;
use super::diagnostic::{Diagnostic, quoted};
use super::read;
use super::row::Row;
use super::suggest::did_you_mean;
use crate::model::Instant;
use crate::model::assessment::WaiverRef;
use crate::model::glob;
use crate::model::span::Span;
use crate::model::text::Text;

/// What waivers are resolved against.
pub(super) struct Waivers<'r> {
    /// The zone of dates.
    pub(super) zone: Tz,
    /// How long a waiver may hold.
    pub(super) longest: Span,
    /// The ids of all rules.
    pub(super) rules: &'r [Text],
    /// Whether rules may stand in a file that could not be read.
    pub(super) partial: bool,
    /// What is wrong.
    pub(super) problems: &'r mut Vec<Diagnostic>,
}

impl Waivers<'_> {
    /// Resolve one waiver.
    pub(super) fn resolve(&mut self, row: &Row<'_>) -> Option<Waiver> {
        let complete = read::require(row, self.problems);
        self.people(row);
        self.rules(row);
        let (approved, expires) = self.dates(row)?;
        if !complete {
            return None;
        }
        let reference = WaiverRef {
            id: row.text("id")?.clone(),
            reason: row.text("reason")?.clone(),
            requested_by: row.text("requested_by")?.clone(),
            approved_by: row.text("approved_by")?.clone(),
            approved_on: Text::from(approved.to_string()),
            expires: end_of(expires, self.zone),
        };
        Some(Waiver {
            reference: Arc::new(reference),
            rules: row.texts("rules"),
            resources: row.texts("resources"),
            from: start_of(approved, self.zone),
            at: row.place("id").policy_at(),
        })
    }

    fn people(&mut self, row: &Row<'_>) {
        let person = |key| row.text(key).map(|name| name.trim().to_lowercase());
        let (Some(requester), Some(approver)) = (person("requested_by"), person("approved_by")) else { return };
        if requester == approver {
            let message = format!("the waiver was approved by the one who asked for it, {}", quoted(&approver));
            let problem = Diagnostic::error("self-approval", message);
            let problem = problem.at(row.place("approved_by"), "approved").at(row.place("requested_by"), "requested");
            self.problems.push(problem.help("an exception needs two people"));
        }
    }

    fn rules(&mut self, row: &Row<'_>) {
        for word in row.words("rules") {
            let known = || self.rules.iter().map(Text::as_str);
            if self.partial
                || glob::matches(&word.text, super::CHANGE_RULE)
                || known().any(|id| glob::matches(&word.text, id))
            {
                continue;
            }
            let help = did_you_mean(&word.text, "the rules are", known());
            let problem = Diagnostic::error("unknown-rule", format!("no rule is called {}", quoted(&word.text)));
            self.problems.push(problem.at(&word.at, "unknown rule").help(help));
        }
    }

    fn dates(&mut self, row: &Row<'_>) -> Option<(NaiveDate, NaiveDate)> {
        let (approved, expires) = (row.date("approved_on")?, row.date("expires")?);
        let held = expires.signed_duration_since(approved);
        let problem = if held <= TimeDelta::zero() {
            let message = format!("the waiver expires on {expires}, not after its approval on {approved}");
            Diagnostic::error("waiver-dates", message)
                .at(row.place("expires"), "expires")
                .at(row.place("approved_on"), "approved")
                .help("`expires` is the last day on which it holds")
        } else if held > self.longest.delta() {
            let message = format!("the waiver holds for {} days, longer than {}", held.num_days(), self.longest);
            let latest = approved.checked_add_signed(self.longest.delta()).unwrap_or(approved);
            Diagnostic::error("waiver-too-long", message)
                .at(row.place("expires"), format!("at most {latest}"))
                .at(row.place("approved_on"), "approved")
                .help("approve it again when it ends, or change `max_waiver` in `[policy]`")
        } else {
            return Some((approved, expires));
        };
        self.problems.push(problem);
        None
    }
}

/// The instant at which a day begins in a zone.
pub(super) fn start_of(day: NaiveDate, zone: Tz) -> Instant {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    // Where clocks are put forward at midnight, the day begins at the first time that exists; a
    // country that changed the side of the date line even left out a whole day.
    let quarters = (0..=200).filter_map(|quarter| midnight.checked_add_signed(TimeDelta::minutes(15 * quarter)));
    let first = quarters.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    first.map_or_else(|| midnight.and_utc(), |local| local.to_utc())
}

/// The instant at which a day is over in a zone: 24:00.
pub(super) fn end_of(day: NaiveDate, zone: Tz) -> Instant {
    start_of(day.checked_add_days(Days::new(1)).unwrap_or(day), zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(day: &str, zone: &str) -> String {
        end_of(day.parse().unwrap(), zone.parse().unwrap()).to_rfc3339()
    }

    #[test]
    fn a_date_ends_at_midnight_where_the_policy_lives() {
        assert_eq!(end("2027-01-31", "UTC"), "2027-02-01T00:00:00+00:00");
        assert_eq!(end("2027-01-31", "Europe/Berlin"), "2027-01-31T23:00:00+00:00");
        assert_eq!(end("2027-07-31", "Europe/London"), "2027-07-31T23:00:00+00:00");
        assert_eq!(end("2027-01-31", "America/New_York"), "2027-02-01T05:00:00+00:00");
    }

    #[test]
    fn days_without_a_midnight_begin_later() {
        // Clocks went from 00:00 to 01:00 on 4 November 2018 in São Paulo.
        assert_eq!(end("2018-11-03", "America/Sao_Paulo"), "2018-11-04T03:00:00+00:00");
        // Samoa had no 30 December 2011.
        assert_eq!(end("2011-12-29", "Pacific/Apia"), "2011-12-30T10:00:00+00:00");
    }
}
