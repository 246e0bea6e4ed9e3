//! The types that matter, one small file per family: what is judged, and what protects it.

mod backup;
mod database;
mod dlm;
mod dynamodb;
mod ec2;
mod efs;
mod events;
mod s3;
mod selection;

use super::draft::Draft;
use super::resolve::Named;
use super::view::View;
use crate::model::arn;
use crate::model::kind::Kind;
use crate::sources::iac::{identity, spelt};

pub(super) use database::{Member, join_members};

/// What is known of one type.
pub(super) struct TypeInfo {
    /// The type, such as `AWS::S3::Bucket`.
    pub(super) name: &'static str,
    /// How it is named.
    pub(super) naming: Option<Naming>,
    /// 0 for what is judged, 1 for its parts, 2 for what protects.
    pub(super) pass: u8,
    /// Put it into the inventory.
    pub(super) put: for<'d, 't> fn(&mut Draft<'t>, &View<'d, 't>),
    /// Whether data goes with it when it is deleted.
    pub(super) holds_data: bool,
}

/// How a type is named.
pub(super) struct Naming {
    pub(super) form: Form,
    /// The property with its name.
    pub(super) named_by: Option<&'static str>,
    /// Whether `Ref` gives its ARN rather than its name.
    pub(super) ref_is_arn: bool,
}

/// The form of an ARN.
pub(super) enum Form {
    /// That of a judged kind.
    Kind(Kind),
    /// The service, and what stands before the name.
    Arn(&'static str, &'static str),
}

const fn of(kind: Kind, named_by: Option<&'static str>) -> Option<Naming> {
    Some(Naming { form: Form::Kind(kind), named_by, ref_is_arn: false })
}

const fn arn(service: &'static str, head: &'static str, named_by: Option<&'static str>) -> Option<Naming> {
    Some(Naming { form: Form::Arn(service, head), named_by, ref_is_arn: false })
}

impl Naming {
    /// Whether an attribute of `Fn::GetAtt` is its ARN.
    #[expect(clippy::unused_self, reason = "the attributes are the same for all types so far")]
    pub(super) fn is_arn(&self, attribute: &str) -> bool {
        const ARNS: &[&str] =
            &["Arn", "DBInstanceArn", "DBClusterArn", "BackupVaultArn", "BackupPlanArn", "TopicArn", "TableArn"];
        ARNS.contains(&attribute)
    }

    /// Whether an attribute of `Fn::GetAtt` is its name or id.
    #[expect(clippy::unused_self, reason = "the attributes are the same for all types so far")]
    pub(super) fn is_name(&self, attribute: &str) -> bool {
        const NAMES: &[&str] = &[
            "VolumeId",
            "InstanceId",
            "FileSystemId",
            "BackupVaultName",
            "BackupPlanId",
            "TopicName",
            "KeyId",
            "DBInstanceIdentifier",
            "DBClusterIdentifier",
        ];
        NAMES.contains(&attribute)
    }

    /// What names a resource of the type.
    pub(super) fn name(&self, name: Option<&str>, account: &str, region: &str, id: &str) -> Named {
        let arn = match &self.form {
            // RDS keeps identifiers in lower case.
            Form::Kind(kind @ (Kind::RdsInstance | Kind::RdsCluster)) => {
                let name = name.map(|name| if name.contains('(') { name.to_owned() } else { name.to_lowercase() });
                identity(*kind, account, region, name.as_deref(), id).to_string()
            }
            Form::Kind(kind) => identity(*kind, account, region, name, id).to_string(),
            Form::Arn(service, head) => {
                let name = name.map_or_else(|| format!("({})", spelt(id)), str::to_owned);
                format!("arn:aws:{service}:{region}:{account}:{head}{name}")
            }
        };
        let reference = if self.ref_is_arn { arn.clone() } else { arn::short(&arn).to_owned() };
        Named { reference, arn }
    }
}

/// Named by others, and nothing else here.
const fn named(name: &'static str, naming: Option<Naming>) -> TypeInfo {
    TypeInfo { name, naming, pass: 2, put: |_, _| {}, holds_data: false }
}

const OTHERS: &[TypeInfo] = &[
    TypeInfo { holds_data: true, ..named("AWS::KMS::Key", arn("kms", "key/", None)) },
    named("AWS::KMS::Alias", arn("kms", "", Some("AliasName"))),
];

const FAMILIES: &[&[TypeInfo]] = &[
    s3::TYPES,
    database::TYPES,
    dynamodb::TYPES,
    efs::TYPES,
    ec2::TYPES,
    backup::TYPES,
    selection::TYPES,
    dlm::TYPES,
    events::TYPES,
    OTHERS,
];

/// What is known of a type.
pub(super) fn find(name: &str) -> Option<&'static TypeInfo> {
    FAMILIES.iter().flat_map(|family| family.iter()).find(|info| info.name == name)
}

/// Whether plans can take in what is of a type.
pub(super) fn is_covered(name: &str) -> bool {
    let kind = match naming(name).map(|naming| &naming.form) {
        Some(Form::Kind(kind)) => *kind,
        _ => return false,
    };
    crate::model::coverage::backup_type(kind).is_some()
}

/// How a type is named.
pub(super) fn naming(name: &str) -> Option<&'static Naming> {
    find(name)?.naming.as_ref()
}
