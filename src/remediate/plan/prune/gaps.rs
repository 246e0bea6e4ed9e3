//! What was not read, and could keep a point.

use std::collections::HashMap;

use crate::model::estate::Estate;
use crate::model::kind::Kind;
use crate::model::resource::Resource;
use crate::model::text::Text;

/// Lists that must have been read to their end where a point lies, before any of it is deleted; those of the points
/// themselves besides ([`Kind::point_operations`]).
const NEEDED: [&str; 7] = [
    "ec2:DescribeSnapshots",
    "ec2:DescribeLockedSnapshots",
    "ec2:DescribeImages",
    "backup:ListBackupVaults",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListLegalHolds",
    "backup:ListRecoveryPointsByLegalHold",
];

/// The gaps of an inventory: of a place each kind asks once, since there are many resources.
pub(super) struct Gaps<'a> {
    /// The call about each resource that was not answered.
    about: HashMap<&'a str, String>,
    places: HashMap<(Text, Text, Kind), Option<String>>,
}

impl<'a> Gaps<'a> {
    pub(super) fn of(estate: &Estate<'a>) -> Self {
        let mut about = HashMap::new();
        for gap in &estate.inventory.gaps {
            if let Some(resource) = &gap.resource {
                about.entry(resource.as_str()).or_insert_with(|| gap.call());
            }
        }
        Self { about, places: HashMap::new() }
    }

    /// What was not read of a resource itself.
    pub(super) fn about(&self, resource: &Resource) -> Option<String> {
        self.about.get(resource.arn.as_str()).map(|call| format!("{call} of what it restores was not read"))
    }

    /// What was not read in a place, and could keep a point there of a resource of this kind.
    pub(super) fn at(&mut self, estate: &Estate<'_>, account: &Text, region: &Text, kind: Kind) -> Option<String> {
        let key = (account.clone(), region.clone(), kind);
        self.places.entry(key).or_insert_with(|| unread(estate, account, region, kind)).clone()
    }
}

fn unread(estate: &Estate<'_>, account: &Text, region: &Text, kind: Kind) -> Option<String> {
    let needed = || NEEDED.iter().chain(kind.point_operations());
    if let Some(call) = needed().find(|call| estate.read(account, region, call).is_none()) {
        return Some(format!("{call} was not read to its end in {account}/{region}"));
    }
    let open = |hold: &&crate::model::protection::LegalHold| {
        hold.account == *account && hold.region == *region && hold.status != "CANCELED" && hold.points.is_unread()
    };
    if let Some(hold) = estate.inventory.legal_holds.iter().find(open) {
        return Some(format!("it was not read which points the legal hold {} keeps", hold.id));
    }
    // A gap about a bucket's tags says nothing about snapshots; one of a service that lists points does.
    let matters = |gap: &&crate::model::gap::Gap| {
        let mut services = needed().filter_map(|call| call.split_once(':'));
        gap.account == *account && gap.region == *region && services.any(|(service, _)| gap.service == service)
    };
    let gap = estate.inventory.gaps.iter().find(matters)?;
    Some(format!("{} was not read in {account}/{region}", gap.call()))
}
