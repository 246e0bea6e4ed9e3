//! Small conversions from the SDK's values.

use aws_smithy_types::DateTime;

use crate::model::Instant;
use crate::model::text::Text;

/// A time.
pub(crate) fn instant(time: &DateTime) -> Option<Instant> {
    Instant::from_timestamp(time.secs(), time.subsec_nanos())
}

/// A time that may be absent.
pub(crate) fn maybe_instant(time: Option<&DateTime>) -> Option<Instant> {
    time.and_then(instant)
}

/// A text; an empty one is absent.
pub(crate) fn maybe_text(text: Option<&str>) -> Option<Text> {
    text.filter(|text| !text.is_empty()).map(Text::from)
}

/// A list of texts.
pub(crate) fn texts(list: Option<&[String]>) -> Vec<Text> {
    list.unwrap_or_default().iter().map(Text::from).collect()
}

/// A number of days or minutes. AWS writes -1 for "never", which is absent here.
pub(crate) fn positive(number: Option<i64>) -> Option<u32> {
    number.filter(|number| *number > 0).and_then(|number| u32::try_from(number).ok())
}

/// A size in bytes.
pub(crate) fn size(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_absent() {
        assert_eq!(positive(Some(-1)), None);
        assert_eq!(positive(Some(0)), None);
        assert_eq!(positive(Some(35)), Some(35));
        assert_eq!(size(Some(-5)), None);
        assert_eq!(maybe_text(Some("")), None);
    }

    #[test]
    fn times_keep_their_fraction() {
        let time = DateTime::from_secs_and_nanos(1_763_800_000, 500_000_000);
        assert_eq!(instant(&time).unwrap().to_rfc3339(), "2025-11-22T08:26:40.500+00:00");
    }
}
