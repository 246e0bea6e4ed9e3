//! Which kinds of resources have a fact: told by asking.

use chrono_tz::Tz;

use super::facts::{Root, SCHEMA};
use super::resource::RESOURCE;
use crate::cel::{Facts, Got, Record};
use crate::checks::{Case, Context};
use crate::model::Instant;
use crate::model::estate::Estate;
use crate::model::fact::Fact;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Existence, Resource};
use crate::model::text::Text;

/// A resource of a kind of which nothing is known.
pub(super) fn blank(kind: Kind) -> Resource {
    Resource {
        arn: Text::default(),
        kind,
        account: Text::default(),
        region: Text::default(),
        name: None,
        tags: Fact::Unread,
        created_at: Fact::Unread,
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::None,
    }
}

/// Whether resources of this kind can have the fact at a place of a record; records other than the resource and the
/// variables say nothing of kinds.
pub(super) fn has(kind: Kind, record: &'static Record, field: usize) -> bool {
    let inventory = Inventory::empty(Instant::UNIX_EPOCH, "");
    let context = Context::new(Estate::new(&inventory), Instant::UNIX_EPOCH, Tz::UTC);
    let resource = blank(kind);
    let case = Case::new(&resource, &context);
    let got = if *record == RESOURCE {
        case.fact(field)
    } else if *record == SCHEMA {
        let root = Root(&case);
        return !matches!(root.fact(field), Got::Foreign);
    } else {
        return true;
    };
    !matches!(got, Got::Foreign)
}
