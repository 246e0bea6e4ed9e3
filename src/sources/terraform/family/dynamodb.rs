//! DynamoDB tables.

use super::super::draft::Draft;
use super::super::view::View;
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Detail, Table};
use crate::model::text::Text;

pub(super) const TYPES: &[TypeInfo] = &[TypeInfo {
    name: "aws_dynamodb_table",
    attributes: &[
        "id",
        "arn",
        "name",
        "region",
        "tags",
        "tags_all",
        "point_in_time_recovery",
        "deletion_protection_enabled",
        "server_side_encryption",
    ],
    role: Role::Whole { kind: Kind::DynamodbTable, name: Some("name"), detail },
}];

fn detail(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    let pitr_days = match ask.flag("pitr_days", "point_in_time_recovery.0.enabled", Some(false)) {
        Fact::Known(false) => Fact::Known(0),
        Fact::Known(true) => {
            // 35 days unless a shorter period is asked for; older providers cannot ask for one.
            match ask.number("pitr_days", "point_in_time_recovery.0.recovery_period_in_days", Some(35)) {
                Fact::Known(0) => Fact::Known(35),
                days => days,
            }
        }
        Fact::Unread => Fact::Unread,
    };
    let kms_key = match ask.flag("kms_key", "server_side_encryption.0.enabled", Some(false)) {
        // A key that AWS owns.
        Fact::Known(false) => Fact::Known(Text::default()),
        Fact::Known(true) => ask.text("kms_key", "server_side_encryption.0.kms_key_arn", Some("alias/aws/dynamodb")),
        Fact::Unread => Fact::Unread,
    };
    Detail::Table(Table {
        pitr_days,
        deletion_protection: ask.flag("deletion_protection", "deletion_protection_enabled", Some(false)),
        kms_key,
        ..Table::default()
    })
}
