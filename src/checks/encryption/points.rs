//! The recovery points of a resource: how many of them are encrypted as they should be.

use super::{Case, Encryption, State};
use crate::model::kms::KmsKey;
use crate::model::recovery_point::{PointKind, RecoveryPoint};

/// How many points there are, and in which state.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) stored: usize,
    pub(super) unread: usize,
    pub(super) key_unread: usize,
    pub(super) key_strange: usize,
    pub(super) other_key: usize,
    pub(super) bad_key: usize,
    pub(super) plain: usize,
}

impl Encryption {
    pub(super) fn tally(&self, case: &Case<'_>) -> Tally {
        let mut tally = Tally::default();
        for point in case.points().iter().filter(|point| holds_data(point)) {
            tally.stored += 1;
            match self.point(case, point) {
                State::Good => {}
                State::Unread => tally.unread += 1,
                State::KeyUnread => tally.key_unread += 1,
                State::KeyStrange => tally.key_strange += 1,
                State::BadKey => tally.bad_key += 1,
                State::OtherKey | State::NotKms => tally.other_key += 1,
                State::Plain => tally.plain += 1,
            }
        }
        tally
    }

    pub(super) fn point(&self, case: &Case<'_>, point: &RecoveryPoint) -> State {
        if point.kind != PointKind::Image {
            return self.healthy(case, point);
        }
        let members = point.extra.iter().flat_map(|extra| &extra.members);
        let states = members.map(|arn| match case.context.estate.snapshot(arn) {
            Some(member) => self.healthy(case, member),
            None => State::Unread,
        });
        states.max().unwrap_or(State::Unread)
    }

    /// The state of a point by itself, and of its key where that is asked for.
    fn healthy(&self, case: &Case<'_>, point: &RecoveryPoint) -> State {
        match (self.state(&point.encrypted, point.kms_key.as_ref()), &point.kms_key) {
            (State::Good, Some(key)) if self.key_health => match case.context.estate.key(key).map(KmsKey::is_usable) {
                Some(Some(true)) => State::Good,
                Some(Some(false)) => State::BadKey,
                Some(None) => State::KeyStrange,
                None => State::KeyUnread,
            },
            (state, _) => state,
        }
    }
}

/// Members of a parent hold the data, not the parent.
pub(super) fn holds_data(point: &RecoveryPoint) -> bool {
    point.is_stored() && !point.is_parent()
}
