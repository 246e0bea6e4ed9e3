//! `off_peak`: stretches of wall-clock time, such as `Mon-Fri 22:00-06:00`.

use chrono::{NaiveTime, Weekday};

use super::super::diagnostic::{Diagnostic, quoted};
use super::super::row::Word;
use crate::model::application::OffPeak;

/// Read one stretch; what is wrong with it is reported.
pub(super) fn parse(word: &Word, problems: &mut Vec<Diagnostic>) -> Option<OffPeak> {
    match read(&word.text) {
        Ok(stretch) => Some(stretch),
        Err(why) => {
            let message = format!("{} is not a stretch of hours: {why}", quoted(&word.text));
            let help = "write for example `22:00-06:00`, `Mon-Fri 22:00-06:00` or `Sat,Sun 00:00-24:00`";
            problems.push(Diagnostic::error("bad-value", message).at(&word.at, "").help(help));
            None
        }
    }
}

fn read(text: &str) -> Result<OffPeak, String> {
    let (days, hours) = match text.trim().rsplit_once(char::is_whitespace) {
        Some((days, hours)) => (read_days(days.trim())?, hours),
        None => (Vec::new(), text.trim()),
    };
    let (from, to) = hours.split_once('-').ok_or("two times with a `-` between them are missing")?;
    let (from, to) = (time(from)?, time(to)?);
    if from == to && from != NaiveTime::MIN {
        return Err("it begins when it ends".into());
    }
    Ok(OffPeak { days, from, to })
}

/// `24:00` is the end of the day, which is the midnight where the next one begins.
fn time(text: &str) -> Result<NaiveTime, String> {
    if text == "24:00" {
        return Ok(NaiveTime::MIN);
    }
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("{} is not a time", quoted(text)))
}

fn read_days(text: &str) -> Result<Vec<Weekday>, String> {
    let day = |text: &str| text.trim().parse::<Weekday>().map_err(|_| format!("{} is not a day", quoted(text.trim())));
    let mut days = Vec::new();
    for part in text.split(',') {
        let Some((first, last)) = part.split_once('-') else {
            days.push(day(part)?);
            continue;
        };
        let (first, last) = (day(first)?, day(last)?);
        let mut next = first;
        days.push(next);
        while next != last {
            next = next.succ();
            days.push(next);
        }
    }
    days.sort_by_key(Weekday::num_days_from_monday);
    days.dedup();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match read(text) {
            Ok(OffPeak { days, from, to }) => {
                let days: Vec<String> = days.iter().map(Weekday::to_string).collect();
                format!("{} {}-{}", days.join(","), from.format("%H:%M"), to.format("%H:%M"))
            }
            Err(why) => why,
        }
    }

    #[test]
    fn stretches_with_and_without_days() {
        for (text, expected) in [
            ("22:00-06:00", " 22:00-06:00"),
            ("Mon-Fri 22:00-06:00", "Mon,Tue,Wed,Thu,Fri 22:00-06:00"),
            ("Sat,Sun 00:00-24:00", "Sat,Sun 00:00-00:00"),
            ("Sat-Mon 01:00-02:00", "Mon,Sat,Sun 01:00-02:00"),
            ("Mon, Wed 01:00-02:00", "Mon,Wed 01:00-02:00"),
            ("22-06", "`22` is not a time"),
            ("22:00", "two times with a `-` between them are missing"),
            ("Mox 22:00-06:00", "`Mox` is not a day"),
            ("06:00-06:00", "it begins when it ends"),
            ("25:00-06:00", "`25:00` is not a time"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
