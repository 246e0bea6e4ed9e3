//! Lengths of time as policies write them: `35d`, `24h`, `1d12h`, `90m`.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in whole seconds; a day is exactly 24 hours. Months and years have no fixed
/// length and are refused, since `1M` read as one minute (or as 30.44 days) has no place in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// A span of whole minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// A span of whole hours.
    pub const fn hours(hours: i64) -> Self {
        Self(hours.saturating_mul(3_600))
    }

    /// A span of 24-hour days.
    pub const fn days(days: i64) -> Self {
        Self(days.saturating_mul(86_400))
    }

    /// The time from `earlier` to `later`, rounded down to seconds; negative if they are swapped.
    pub fn between(earlier: super::Instant, later: super::Instant) -> Self {
        Self(later.signed_duration_since(earlier).num_seconds())
    }

    /// The instant that lies this long before another; the earliest there is where none is so early.
    pub fn before(self, at: super::Instant) -> super::Instant {
        at.checked_sub_signed(self.delta()).unwrap_or(super::Instant::MIN_UTC)
    }

    /// The whole length in seconds.
    pub const fn as_seconds(self) -> i64 {
        self.0
    }

    /// The whole 24-hour days in it, rounded down.
    pub const fn as_days(self) -> i64 {
        self.0.div_euclid(86_400)
    }

    /// The same length for calendar arithmetic. Lengths beyond chrono's range are clamped.
    pub fn delta(self) -> TimeDelta {
        TimeDelta::try_seconds(self.0).unwrap_or(if self.0 < 0 { TimeDelta::MIN } else { TimeDelta::MAX })
    }

    /// The longer length that results; clamped at the ends.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference; clamped at the ends.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The two largest units for a sentence: `3d 4h`, `35d`, `1h 30m`. Smaller units are dropped,
    /// so that a reader is not told of seconds after 76 hours; weeks are not used.
    pub fn spoken(self) -> String {
        let mut rest = self.0.unsigned_abs();
        let mut parts = Vec::new();
        for (unit, seconds) in UNITS.iter().skip(1) {
            let seconds = seconds.unsigned_abs();
            let count = rest / seconds;
            if count > 0 && parts.len() < 2 {
                parts.push(format!("{count}{unit}"));
            } else if !parts.is_empty() {
                break;
            }
            rest %= seconds;
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        if parts.is_empty() { "0s".to_owned() } else { format!("{sign}{}", parts.join(" ")) }
    }
}

impl From<TimeDelta> for Span {
    fn from(value: TimeDelta) -> Self {
        Self(value.num_seconds())
    }
}

/// The exact length in the largest unit that divides it: `35d`, `76h`, `90m`, `61s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, seconds) in UNITS.iter().skip(1) {
            if self.0 != 0 && self.0 % seconds == 0 {
                return write!(f, "{}{unit}", self.0 / seconds);
            }
        }
        write!(f, "{}s", self.0)
    }
}

/// Why a text is not a length of time, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a length of time: {why}")]
pub struct SpanError {
    text: String,
    why: String,
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let fail = |why: String| SpanError { text: text.to_owned(), why };
        if text.is_empty() {
            return Err(fail("it is empty; write for example `24h` or `35d`".into()));
        }
        let (mut total, mut last) = (0_i64, i64::MAX);
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at(digits);
            let Some(unit) = tail.chars().next() else {
                return Err(fail(format!("the unit is missing; write `{number}h` or `{number}d`")));
            };
            if number.is_empty() {
                return Err(fail(format!("a whole number must stand before `{unit}`")));
            }
            let Some((_, seconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return Err(fail(match unit {
                    'M' => "a month has no fixed length; write days, for example `30d` (minutes are `m`)".into(),
                    'y' | 'Y' => "a year has no fixed length; write days, for example `365d`".into(),
                    _ => format!("`{unit}` is not a unit; the units are w, d, h, m and s"),
                }));
            };
            if *seconds >= last {
                return Err(fail("each unit may stand once, the larger one first, as in `1d12h`".into()));
            }
            last = *seconds;
            let part = number.parse::<i64>().ok().and_then(|n| n.checked_mul(*seconds));
            total = part
                .and_then(|part| total.checked_add(part))
                .filter(|total| *total <= Self::days(36_500).0)
                .ok_or_else(|| fail("it is longer than 36500d".into()))?;
            rest = tail.get(unit.len_utf8()..).unwrap_or_default();
        }
        Ok(Self(total))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_policies_write() {
        for (text, seconds) in
            [("35d", 3_024_000), ("24h", 86_400), ("1d12h", 129_600), ("2w", 1_209_600), ("90m", 5_400), ("0d", 0)]
        {
            assert_eq!(text.parse::<Span>().unwrap().as_seconds(), seconds, "{text}");
        }
    }

    #[test]
    fn refuses_what_two_readers_would_read_differently() {
        for (text, hint) in [
            ("24", "the unit is missing"),
            ("1M", "`30d`"),
            ("1y", "`365d`"),
            ("12h1d", "the larger one first"),
            ("1h1h", "once"),
            ("0.5d", "`.` is not a unit"),
            ("1h 1m", "must stand before ` `"),
            ("", "empty"),
            ("99999999999999999999d", "longer than"),
            ("-1d", "must stand before `-`"),
        ] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn speaks_in_two_units_and_writes_exactly() {
        assert_eq!(Span::hours(76).spoken(), "3d 4h");
        assert_eq!(Span::hours(76).to_string(), "76h");
        assert_eq!(Span::days(35).to_string(), "35d");
        assert_eq!(Span::seconds(86_400 * 3 + 59).spoken(), "3d");
        assert_eq!(Span::seconds(-3_600).spoken(), "-1h");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0_i64..3_153_600_000) {
            let span = Span::seconds(seconds);
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }

        #[test]
        fn no_text_panics(text in ".{0,24}") {
            let _ = text.parse::<Span>();
        }
    }
}
