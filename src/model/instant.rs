//! Reading instants quickly: a log of a million records holds three million of them.

use chrono::{NaiveDate, NaiveTime};
use serde::de::{Deserializer, Error, Visitor};

use super::Instant;

/// An instant in RFC 3339.
///
/// # Errors
/// Why it is none.
pub fn parse(text: &str) -> Result<Instant, chrono::ParseError> {
    plain(text).map_or_else(|| text.parse(), Ok)
}

/// The form that lastgood itself writes: `2026-11-22T06:00:00Z`, or with a fraction of a second.
fn plain(text: &str) -> Option<Instant> {
    let (whole, fraction) = text.strip_suffix('Z')?.split_at_checked(19)?;
    let [year @ .., b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = whole.as_bytes() else {
        return None;
    };
    let [y1, y2, y3, y4] = year else { return None };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    let two = |tens: &u8, ones: &u8| Some(digit(tens)? * 10 + digit(ones)?);
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, two(m1, m2)?, two(d1, d2)?)?;
    let nanos = match fraction.as_bytes() {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
            let value = digits.iter().try_fold(0, |value, byte| Some(value * 10 + digit(byte)?))?;
            value * 10_u32.pow(9 - u32::try_from(digits.len()).ok()?)
        }
        _ => return None,
    };
    let time = NaiveTime::from_hms_nano_opt(two(h1, h2)?, two(n1, n2)?, two(s1, s2)?, nanos)?;
    Some(date.and_time(time).and_utc())
}

/// For serde's `deserialize_with`.
///
/// # Errors
/// Why it is no instant.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    struct Reader;
    impl Visitor<'_> for Reader {
        type Value = Instant;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an RFC 3339 formatted date and time string")
        }
        fn visit_str<E: Error>(self, value: &str) -> Result<Instant, E> {
            parse(value).map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Reader)
}

/// As [`deserialize`], where there may be none.
///
/// # Errors
/// Why it is no instant.
pub fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    #[derive(serde::Deserialize)]
    struct Present(#[serde(deserialize_with = "deserialize")] Instant);
    let found: Option<Present> = serde::Deserialize::deserialize(deserializer)?;
    Ok(found.map(|Present(instant)| instant))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_other_form_is_left_to_chrono() {
        for text in [
            "2026-11-22T06:00:00",
            "2026-02-30T06:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T06:61:00Z",
            "2026-11-22T06:00:00.Z",
            "2026-11-22T06:00:00.1x3Z",
            "2026-11-22T06:00:00,5Z",
            "2026-11-22T06:0 :00Z",
            "",
        ] {
            assert_eq!(parse(text).ok(), text.parse().ok(), "{text}");
            assert!(plain(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_reads_the_same(seconds in -62_167_219_200_i64..253_402_300_800, nanos in 0_u32..1_000_000_000) {
            let instant = Instant::from_timestamp(seconds, nanos).unwrap();
            for form in ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%.3fZ", "%Y-%m-%dT%H:%M:%S%.9fZ"] {
                let text = instant.format(form).to_string();
                prop_assert_eq!(plain(&text), text.parse().ok());
            }
            let text = instant.to_rfc3339();
            prop_assert_eq!(parse(&text), text.parse());
        }
    }
}
