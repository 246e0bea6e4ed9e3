//! Why a schedule was refused.

use super::field::Field;

/// Why a schedule was refused; the message quotes what the user wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Neither `cron(...)` nor `rate(...)`.
    #[error(
        "schedule `{0}` is not of the form `cron(minutes hours day-of-month month day-of-week year)` or `rate(value unit)`"
    )]
    Form(String),
    /// `at(...)`, which fires once and so gives no cadence.
    #[error("schedule `{0}` runs only once; a backup rule needs `cron(...)` or `rate(...)`, which recur")]
    OneTime(String),
    /// A cron expression without exactly six fields.
    #[error("`cron({fields})` has {found} fields; it needs 6: minutes hours day-of-month month day-of-week year")]
    FieldCount {
        /// What stood between the parentheses.
        fields: String,
        /// How many fields that is.
        found: usize,
    },
    /// A field that holds something its grammar does not allow.
    #[error("invalid {field} `{text}`: allowed are {}", field.allowed())]
    Field {
        /// Which field.
        field: Field,
        /// The whole text of the field.
        text: String,
    },
    /// `?` in both day fields, or in neither.
    #[error("day-of-month `{day_of_month}` and day-of-week `{day_of_week}`: exactly one of the two must be `?`")]
    QuestionMark {
        /// The text of the day-of-month field.
        day_of_month: String,
        /// The text of the day-of-week field.
        day_of_week: String,
    },
    /// A rate without a positive whole number and a unit that fits it.
    #[error(
        "invalid `rate({0})`: allowed are a positive whole number and `minutes`, `hours` or `days` (after 1: `minute`, `hour` or `day`)"
    )]
    Rate(String),
    /// A time zone that the IANA database does not have.
    #[error("unknown time zone `{0}`: allowed are IANA names such as `UTC` or `Europe/Berlin`")]
    Timezone(String),
}
