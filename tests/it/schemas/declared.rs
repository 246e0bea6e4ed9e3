//! The part of an inventory that infrastructure code has.

use lastgood::model::declared::{Bound, CodeAt, Declared, DeclaredResource, Undecided, Weakening};
use lastgood::model::text::Text;

/// With each of `actions`.
pub(super) fn declared(actions: Vec<serde_json::Value>) -> Declared {
    let resource = |action: serde_json::Value| DeclaredResource {
        address: "aws_s3_bucket.b".into(),
        declared_type: "aws_s3_bucket".into(),
        identity: Some("arn:aws:s3:::(aws_s3_bucket.b)".into()),
        action: serde_json::from_value(action).unwrap(),
        at: Some(CodeAt { file: "main.tf".into(), line: 7 }),
        previous_address: Some("aws_s3_bucket.a".into()),
    };
    Declared {
        tool: "terraform 1.11.4, plan format 1.2".into(),
        has_before: true,
        resources: actions.into_iter().map(resource).collect(),
        undecided: vec![Undecided {
            identity: Some("arn:aws:s3:::(aws_s3_bucket.b)".into()),
            fact: "versioning".into(),
            attribute: "aws_s3_bucket_versioning.b.versioning_configuration[0].status".into(),
            why: "is known only after apply".into(),
        }],
        bounds: vec![Bound {
            identity: "arn:aws:rds:eu-west-2:111122223333:db:(b)".into(),
            fact: "backup_retention_days".into(),
            least: 35,
            most: Some(90),
        }],
        weakenings: vec![Weakening {
            address: "aws_s3_bucket.b".into(),
            declared_type: "aws_s3_bucket".into(),
            identity: "arn:aws:s3:::(aws_s3_bucket.b)".into(),
            code: "versioning-suspended".into(),
            before: "enabled".into(),
            after: "suspended".into(),
            sentence: Text::from("versioning is weakened from enabled to suspended"),
        }],
        live: true,
    }
}
