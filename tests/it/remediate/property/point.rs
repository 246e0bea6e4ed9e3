//! What the laws ask of a point, in their own words.

use lastgood::model::Instant;
use lastgood::model::recovery_point::{PointStatus, RecoveryPoint};

pub(super) fn is_stored(point: &RecoveryPoint) -> bool {
    !matches!(point.status, PointStatus::Creating | PointStatus::Deleting | PointStatus::Error)
}

pub(super) fn is_container(point: &RecoveryPoint) -> bool {
    point.extra.as_ref().is_some_and(|extra| extra.is_parent)
}

/// Restorable as it stands, at one instant.
pub(super) fn is_usable(point: &RecoveryPoint) -> bool {
    matches!(point.status, PointStatus::Completed) && !is_container(point) && !is_continuous(point)
}

pub(super) fn is_continuous(point: &RecoveryPoint) -> bool {
    point.extra.as_ref().is_some_and(|extra| extra.continuous.is_some())
        || matches!(point.status, PointStatus::Available | PointStatus::Stopped)
}

/// How much a copy is worth that is alone in its place: usable, still restorable, in parts, or not for long.
pub(super) fn worth(point: &RecoveryPoint) -> u8 {
    match point.status {
        PointStatus::Completed | PointStatus::Available => 3,
        PointStatus::Expired | PointStatus::Stopped => 2,
        PointStatus::Partial => 1,
        _ => 0,
    }
}

/// The instant of its data, where that is known.
pub(super) fn data(point: &RecoveryPoint) -> Option<Instant> {
    match point.extra.as_ref() {
        Some(extra) if extra.is_copy => extra.data_at,
        _ => Some(point.started_at),
    }
}

pub(super) fn place(point: &RecoveryPoint) -> (&str, &str) {
    (&point.account, &point.region)
}
