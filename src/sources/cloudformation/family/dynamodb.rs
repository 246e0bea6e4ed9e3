//! DynamoDB tables, global ones too: each replica is a table of its own.

use super::super::draft::{Draft, pairs};
use super::super::value::{Props, Told};
use super::super::view::View;
use super::{TypeInfo, of};
use crate::model::arn;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Table};
use crate::model::text::Text;
use crate::sources::iac::identity;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "AWS::DynamoDB::Table",
        naming: of(Kind::DynamodbTable, Some("TableName")),
        pass: 0,
        put: table,
        holds_data: true,
    },
    TypeInfo {
        name: "AWS::DynamoDB::GlobalTable",
        naming: of(Kind::DynamodbTable, Some("TableName")),
        pass: 0,
        put: global,
        holds_data: true,
    },
];

fn table<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    let detail = Detail::Table(Table {
        pitr_days: view.days(arn, "pitr_days", pitr_days),
        deletion_protection: view.fact(arn, "deletion_protection", deletion_protection),
        kms_key: view.fact(arn, "kms_key", |p| kms_key(p, p)),
        ..Table::default()
    });
    draft.whole(view, Kind::DynamodbTable, detail, "Tags");
}

/// 35 days unless a shorter period is asked for; 0 is off.
fn pitr_days(p: &Props<'_>) -> Told<u32> {
    let pitr = p.at("PointInTimeRecoverySpecification")?;
    if pitr.flag("PointInTimeRecoveryEnabled")? != Some(true) {
        return Ok(0);
    }
    Ok(pitr.days("RecoveryPeriodInDays")?.filter(|days| *days > 0).unwrap_or(35))
}

fn deletion_protection(p: &Props<'_>) -> Told<bool> {
    Ok(p.flag("DeletionProtectionEnabled")?.unwrap_or(false))
}

/// The key; `of` has it, and `table` says whether there is one.
fn kms_key(table: &Props<'_>, of: &Props<'_>) -> Told<Text> {
    if table.flag("SSESpecification.SSEEnabled")? != Some(true) {
        // A key that AWS owns.
        return Ok(Text::default());
    }
    Ok(Text::from(of.name("SSESpecification.KMSMasterKeyId")?.unwrap_or("alias/aws/dynamodb")))
}

fn global<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = view.arn();
    let name = arn::short(&arn);
    let (account, here) = view.place();
    let id = view.declaration.id.as_str();
    let replicas = view.tell(|p| p.items("Replicas")?.iter().map(region).collect::<Told<Vec<_>>>());
    let replicas = match replicas {
        Ok(replicas) if !replicas.is_empty() => replicas,
        // It is there in its own region, whatever the others are.
        _ => vec![here.to_string()],
    };
    for place in replicas {
        let arn = identity(Kind::DynamodbTable, &account, &place, Some(name), id);
        let detail = Detail::Table(Table {
            pitr_days: view.days(&arn, "pitr_days", |p| pitr_days(&replica(p, &place)?)),
            deletion_protection: view.fact(&arn, "deletion_protection", |p| deletion_protection(&replica(p, &place)?)),
            kms_key: view.fact(&arn, "kms_key", |p| kms_key(p, &replica(p, &place)?)),
            ..Table::default()
        });
        let tags = draft.tags_of(view, &arn, |p| pairs(&replica(p, &place)?, "Tags"));
        let address = if place == *here { Text::from(id) } else { Text::from(format!("{id}.{place}")) };
        draft.add(view, Kind::DynamodbTable, arn, address, tags, detail);
    }
}

/// What a global table says of its replica in a region.
fn replica<'v>(p: &Props<'v>, place: &str) -> Told<Props<'v>> {
    for replica in p.items("Replicas")? {
        if region(&replica)? == place {
            return Ok(replica);
        }
    }
    p.at("Replicas")?.refuse("does not say anything of this region")
}

fn region(replica: &Props<'_>) -> Told<String> {
    Ok(replica.name("Region")?.unwrap_or_default().to_owned())
}
