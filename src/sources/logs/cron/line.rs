//! The lines of syslog that cron wrote, in the three forms in which syslog keeps them.

use chrono::Datelike;

use crate::model::Instant;
use crate::sources::logs::common::{NoInstant, foreign, local, numbered};
use crate::sources::logs::native::{Known, NotUnderstood, Problem};

/// A line of cron: `(USER) WHAT (SAID)`.
pub(super) struct Line<'l> {
    pub(super) number: u64,
    pub(super) at: Result<Instant, NoInstant>,
    pub(super) host: &'l str,
    pub(super) process: &'l str,
    pub(super) user: &'l str,
    pub(super) what: &'l str,
    pub(super) said: &'l str,
}

/// Every line of cron; those of other programs are none of its business.
pub(super) fn lines<'l>(text: &'l str, known: &Known) -> Result<Vec<Line<'l>>, NotUnderstood> {
    let mut found = Vec::new();
    let mut year = None;
    for (number, line) in numbered(text) {
        let Some((time, host, process, message)) = head(line) else { continue };
        let Some((user, what, said)) = parts(message) else { continue };
        let at = match chrono::DateTime::parse_from_rfc3339(time) {
            Ok(at) => Ok(at.to_utc()),
            Err(_) => traditional(time, &mut year, known),
        };
        found.push(Line { number, at, host, process, user, what, said });
    }
    if found.is_empty() { Err(foreign(0, "no line of cron stands in it")) } else { Ok(found) }
}

/// Time, host, process and message of a line of cron.
fn head(line: &str) -> Option<(&str, &str, &str, &str)> {
    // RFC 5424: `<78>1 TIME HOST CRON 10174 - - MESSAGE`.
    let framed = line.strip_prefix('<').and_then(|rest| rest.split_once(">1 "));
    if let Some((_, rest)) = framed {
        let mut words = rest.splitn(7, ' ');
        let (time, host, program, process) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let message = words.nth(2)?;
        return is_cron(program).then_some((time, host, process, message.trim_start()));
    }
    // A traditional time has 15 letters, one of RFC 3339 is a word.
    let end = if line.starts_with(|first: char| first.is_ascii_digit()) { line.find(' ')? } else { 15 };
    let (time, rest) = line.split_at_checked(end)?;
    let (host, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let (program, rest) = rest.split_once('[')?;
    let (process, message) = rest.split_once("]: ")?;
    is_cron(program).then_some((time, host, process, message))
}

fn is_cron(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    ["cron", "crond"].iter().any(|cron| name.eq_ignore_ascii_case(cron))
}

/// `(bkp) END ([10180] /bin/false)`.
fn parts(message: &str) -> Option<(&str, &str, &str)> {
    let (user, rest) = message.strip_prefix('(')?.split_once(") ")?;
    let (what, said) = rest.split_once(" (")?;
    Some((user, what, said.strip_suffix(')')?))
}

/// `Nov 22 22:56:01`: the year is that of the first line as the caller knows it, and goes up when the months
/// begin anew.
fn traditional(time: &str, year: &mut Option<(i32, u32)>, known: &Known) -> Result<Instant, NoInstant> {
    let zone = known.timezone.ok_or(NoInstant::NoZone)?;
    let first = known.started_at.ok_or(NoInstant::NotATime)?.with_timezone(&zone);
    // Any leap year will do for the month.
    let month = chrono::NaiveDateTime::parse_from_str(&format!("2024 {time}"), "%Y %b %e %H:%M:%S")
        .map_err(|_| NoInstant::NotATime)?
        .month();
    let now = match *year {
        None => first.year(),
        Some((year, before)) if month < before => year + 1,
        Some((year, _)) => year,
    };
    *year = Some((now, month));
    local(&format!("{now} {time}"), "%Y %b %e %H:%M:%S", known)
}

/// The problem of a line whose time is lost.
pub(super) fn untimed(why: NoInstant, line: u64) -> Problem {
    match why {
        NoInstant::NotATime => Problem {
            message: "its times have no year; say when the first line was written, or let syslog write RFC 3339".into(),
            ..why.problem(line)
        },
        other => other.problem(line),
    }
}
