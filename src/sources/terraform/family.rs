//! The types that matter, one small file per family: what is judged, what is a part of it, and what protects it.

mod backup;
mod database;
mod dlm;
mod dynamodb;
mod ebs;
mod efs;
mod events;
mod s3;
mod selection;

use super::draft::Draft;
use super::view::View;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Resource};
use crate::model::text::Text;

pub(super) use ebs::{DEVICES, block_devices};

/// What is known of one type.
#[derive(Debug)]
pub(super) struct TypeInfo {
    /// The type, such as `aws_s3_bucket`.
    pub(super) name: &'static str,
    /// The attributes that are read.
    pub(super) attributes: &'static [&'static str],
    /// What it is to us.
    pub(super) role: Role,
}

/// What a type is to us.
#[derive(Debug)]
pub(super) enum Role {
    /// A judged thing. `name` is the attribute with the last part of its ARN, where the code gives it.
    Whole { kind: Kind, name: Option<&'static str>, detail: fn(&Draft<'_, '_>, View<'_, '_>, &Text) -> Detail },
    /// A part of another: `of` names its types, `by` the attribute that points to it.
    Part {
        of: &'static [&'static str],
        by: &'static str,
        /// The facts of the whole that it sets, which are open where it cannot be told whose part it is.
        facts: &'static [&'static str],
        /// Put it into the whole.
        apply: fn(&Draft<'_, '_>, View<'_, '_>, &mut Resource),
        /// What its removal leaves behind.
        remove: fn(&mut Resource),
    },
    /// A setting of an account in a region.
    Region { apply: fn(&Draft<'_, '_>, View<'_, '_>, &mut Resource), remove: fn(&mut Resource) },
    /// Something that protects: put into the inventory on its own.
    Protection(for<'p, 'a> fn(&mut Draft<'p, 'a>, View<'p, 'a>)),
    /// Looked at by others, or for weakenings alone.
    Other,
}

const FAMILIES: &[&[TypeInfo]] = &[
    s3::TYPES,
    database::TYPES,
    dynamodb::TYPES,
    efs::TYPES,
    ebs::TYPES,
    backup::TYPES,
    selection::TYPES,
    dlm::TYPES,
    events::TYPES,
];

/// What is known of a type.
pub(super) fn find(name: &str) -> Option<&'static TypeInfo> {
    if !name.starts_with("aws_") {
        return None;
    }
    FAMILIES.iter().flat_map(|family| family.iter()).find(|info| info.name == name)
}

/// Every type that is known.
pub(super) fn all() -> impl Iterator<Item = &'static TypeInfo> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The KMS key as far as it can be told: its ARN, or the address of what makes it.
fn key(view: View<'_, '_>, path: &str) -> Option<Text> {
    view.text(path).map(Text::from)
}
