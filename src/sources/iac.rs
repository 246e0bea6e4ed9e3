//! What a reader of declared infrastructure gives: Terraform plans and states, CloudFormation templates.
//!
//! A reader turns bytes into a [`Reading`]: the inventory that results from the change, with what cannot be told yet
//! in [`Inventory::declared`], and the inventory before it where that is known. `lastgood gate` judges both with the
//! rules that judge the live account, so that what a change breaks is told from what was broken before.
//!
//! # What a reader owes
//! * **Identity.** [`identity`] makes it from what is known; [`crate::model::declared`] says what its forms mean. The
//!   `name` of a resource is its address.
//! * **Facts.** A fact that the code sets, or leaves to a default of AWS, is `Known`. Everything else is `Unread`, and
//!   has an [`Undecided`] with the attribute and the reason: never a guess. A fact of which the code cannot speak (the
//!   state of a database, its restore window) is `Unread` without one.
//! * **Parts.** What is declared beside its resource (versioning of a bucket, a lock of a vault) is put into it, and
//!   its [`DeclaredResource::identity`] is that of the whole: a change of a part touches the whole.
//! * **References.** A reference in a selection (`resources = [aws_efs_file_system.a.arn]`) becomes the identity of
//!   what it names; one that cannot be followed leaves the plan's selections unread.
//! * **Reads.** [`Read`] with a list's call only where the code shows that it is the place where such things are
//!   declared (see [`declares`]); the absence of a block is no evidence about the account.
//! * **Gaps.** What makes the reading incomplete is a [`Gap`] made by [`incomplete`].
//! * **Secrets.** What the input marks as sensitive enters neither a fact nor a sentence; weakenings say
//!   `(sensitive value)`.

pub(super) mod alike;
pub mod bucket_policy;
mod join;
pub(super) mod suppression;
pub mod weakened;

use std::path::PathBuf;

pub use join::join;
pub use suppression::{Suppression, SuppressionError};

/// `source` of an inventory read from a CloudFormation template.
pub use crate::model::inventory::TEMPLATE as CLOUDFORMATION;

pub use crate::model::declared::{Action, Bound, CodeAt, Declared, DeclaredResource, Undecided, Weakening, spelt};
use crate::model::gap::{Gap, GapStatus, Read};
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::text::Text;

/// What was read from one input.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The inventory that results from the change; `declared` is set, and sorted as the inventory is.
    pub after: Inventory,
    /// The inventory before the change, where the input tells it. Its `declared` has what is undecided in it.
    pub before: Option<Inventory>,
}

/// `source` of an inventory read from a plan or state of Terraform or OpenTofu.
pub const TERRAFORM: &str = "terraform";

/// Where an account is not known. All resources of one set of credentials share it.
pub const UNKNOWN_ACCOUNT: &str = "(account)";
/// Where a region is not known.
pub const UNKNOWN_REGION: &str = "(region)";

/// Why an input cannot be judged. Nothing of it is, then: the tool exits with 1.
#[derive(Debug, thiserror::Error)]
pub enum IacError {
    /// The system does not let it be read, or there is no such file.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The content is not something that can be judged.
    #[error("`{}` {problem}", path.display())]
    Content {
        /// The file, or `-`.
        path: PathBuf,
        /// What is wrong with it.
        problem: Problem,
    },
}

/// What is wrong with the content of an input, to be read after its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// Neither UTF-8 nor UTF-16.
    #[error("is neither UTF-8 nor UTF-16 (byte {0})")]
    Encoding(usize),
    /// It ends too early.
    #[error("is cut off: it ends before it is complete (line {line}, column {column})")]
    CutOff {
        /// Where.
        line: usize,
        /// Where.
        column: usize,
    },
    /// It is not JSON.
    #[error("is not valid JSON: {message}")]
    NotJson {
        /// What the parser says; never a value of the file.
        message: String,
        /// Whether it came as UTF-16, as PowerShell writes it.
        utf16: bool,
    },
    /// It is not YAML.
    #[error("is not valid YAML: {0}")]
    NotYaml(String),
    /// A key stands twice in a map: which of the two counts nobody can tell.
    #[error("has the key `{key}` twice in one map (line {line})")]
    Twice {
        /// The key.
        key: String,
        /// The line of the second.
        line: usize,
    },
    /// Something of CloudFormation that is no template; the sentence says what.
    #[error("is {0}, not a template")]
    NotTemplate(&'static str),
    /// Values of parameters that are not those of the template.
    #[error("does not fit the parameters that are given: {0}")]
    Parameter(String),
    /// A file that should hold the values of parameters.
    #[error("is no file of parameters")]
    NotParameters,
    /// The stored plan itself.
    #[error("is a binary plan file, not its JSON form")]
    BinaryPlan,
    /// `terraform plan -json`.
    #[error("is the event stream of `terraform plan -json`, not the plan")]
    EventStream,
    /// `.tf`.
    #[error("is Terraform code, not a plan")]
    Hcl,
    /// The plan of Terraform Cloud without its values.
    #[error("is the redacted plan of HCP Terraform (`plan_format_version`), which has no values")]
    RedactedPlan,
    /// The raw state file.
    #[error("is a raw state file (`terraform.tfstate`), not the output of `terraform show -json`")]
    RawState,
    /// Another major version.
    #[error("has the format version `{0}`, and this version of lastgood reads major version 1 (and 0)")]
    Version(String),
    /// JSON, and nothing that is known here.
    #[error("is JSON, but neither a plan, a state nor a template")]
    Unknown,
    /// It was planned with errors.
    #[error("is a plan that failed (`errored`): what it holds is not what would be applied")]
    Errored,
    /// A part has a form that contradicts the format.
    #[error("has a form that this version does not read: {0}")]
    Form(String),
}

impl Problem {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Empty => {
                "did the command that should have written it fail? `terraform show -json plan.out > plan.json`"
            }
            Self::Encoding(_) => "write it as UTF-8",
            Self::CutOff { .. } => "write it again: the disk may have been full, or the command was ended early",
            Self::NotJson { utf16: true, .. } => {
                "PowerShell's `>` can damage JSON: write it with `cmd /c \"terraform show -json plan.out > plan.json\"` or \
                 `| Out-File -Encoding utf8`"
            }
            Self::NotJson { .. } | Self::Unknown => "give the output of `terraform show -json plan.out`, or a template",
            Self::BinaryPlan => "convert it: `terraform show -json plan.out > plan.json`",
            Self::EventStream => {
                "store the plan and show it: `terraform plan -out plan.out`, `terraform show -json plan.out`"
            }
            Self::Hcl => "plan it: `terraform plan -out plan.out`, `terraform show -json plan.out > plan.json`",
            Self::RedactedPlan => "give the full plan: the run's `json-output` rather than `json-output-redacted`",
            Self::RawState => "show it: `terraform show -json > state.json`",
            Self::NotYaml(_) => "check it with `aws cloudformation validate-template`; was it cut off?",
            Self::Twice { .. } => "take one of the two out",
            Self::NotTemplate(_) => {
                "give the template: what `aws cloudformation get-template`, `cdk synth` or `sam build` writes"
            }
            Self::Parameter(_) => "give a value that the template takes, or leave it out",
            Self::NotParameters => {
                "write a list of `ParameterKey` and `ParameterValue`, a list of `NAME=VALUE`, or a map of names and values"
            }
            Self::Version(_) => "use a version of lastgood that knows this format, or the tool that wrote it",
            Self::Errored => "plan again without errors",
            Self::Form(_) => "give it as the tool wrote it; if it is, please report it with a reduced example",
        }
    }
}

impl IacError {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => {
                "name a plan (`terraform show -json`), a state or a template; `-` is standard input"
            }
            Self::Content { problem, .. } => problem.help(),
        }
    }
}

/// The identity of a resource: its ARN as far as it is known. `name` is the part that names it, if that is known.
/// `address` stands for it otherwise.
pub fn identity(kind: Kind, account: &str, region: &str, name: Option<&str>, address: &str) -> Text {
    let unknown = || format!("({})", spelt(address));
    let made_by_aws = |prefix: &str| format!("{prefix}~{}", spelt(address));
    let name = |generated: Option<&str>| match (name, generated) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => made_by_aws(prefix),
        (None, None) => unknown(),
    };
    let arn = |service: &str, head: &str, name: String| format!("arn:aws:{service}:{region}:{account}:{head}{name}");
    Text::from(match kind {
        Kind::EbsVolume => arn("ec2", "volume/", name(Some("vol-"))),
        Kind::Ec2Instance => arn("ec2", "instance/", name(Some("i-"))),
        Kind::S3Bucket => format!("arn:aws:s3:::{}", name(None)),
        Kind::RdsInstance => arn("rds", "db:", name(None)),
        Kind::RdsCluster => arn("rds", "cluster:", name(None)),
        Kind::DynamodbTable => arn("dynamodb", "table/", name(None)),
        Kind::EfsFileSystem => arn("elasticfilesystem", "file-system/", name(Some("fs-"))),
        Kind::BackupVault => arn("backup", "backup-vault:", name(None)),
        // As the collector names it.
        Kind::AccountRegion => format!("arn:aws:lastgood:{region}:{account}:region-settings"),
        _ => arn("declared", kind.id(), format!("/{}", name(None))),
    })
}

/// The calls whose lists a configuration stands for once it declares a backup plan, a selection or a lifecycle policy
/// in an account and region: it is then the place where protection is arranged, and what it does not cover is not
/// covered by it. What others arrange in the same account is only known with its inventory, which the sentence says.
pub const PROTECTION_CALLS: &[&str] = &[
    "backup:ListBackupPlans",
    "backup:GetBackupPlan",
    "backup:ListBackupSelections",
    "backup:GetBackupSelection",
    "dlm:GetLifecyclePolicies",
    "dlm:GetLifecyclePolicy",
];

/// The reads of a place that declares protection.
pub fn declares<'a>(account: &'a Text, region: &'a Text) -> impl Iterator<Item = Read> + 'a {
    PROTECTION_CALLS.iter().map(move |call| Read {
        account: account.clone(),
        region: region.clone(),
        call: Text::from(*call),
        items: 0,
        requests: 0,
        since: None,
    })
}

/// What makes a reading incomplete: nothing that it shows can then be more than a part of the change.
pub fn incomplete(source: &str, operation: &str, what: Option<&str>, message: &str) -> Gap {
    Gap {
        account: Text::from(crate::model::log::ACCOUNT),
        region: Text::from(crate::model::log::REGION),
        service: Text::from(source),
        operation: Text::from(operation),
        resource: what.map(Text::from),
        status: GapStatus::Incomplete,
        code: Text::from(operation),
        message: Some(Text::from(message)),
        iam_action: Text::default(),
    }
}

/// The input as UTF-8 text: a byte order mark is dropped, UTF-16 is decoded. The second is whether it was UTF-16.
///
/// # Errors
/// [`Problem::Empty`] and [`Problem::Encoding`].
pub fn decode(bytes: Vec<u8>) -> Result<(String, bool), Problem> {
    let (text, utf16) = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, true),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, true),
        // Without a mark: JSON and YAML begin with a character of ASCII.
        [first, 0, _, 0, ..] if *first != 0 => (utf16(&bytes, u16::from_le_bytes)?, true),
        [0, first, 0, _, ..] if *first != 0 => (utf16(&bytes, u16::from_be_bytes)?, true),
        [0xef, 0xbb, 0xbf, rest @ ..] => (utf8(rest.to_vec())?, false),
        _ => (utf8(bytes)?, false),
    };
    if text.trim().is_empty() { Err(Problem::Empty) } else { Ok((text, utf16)) }
}

fn utf8(bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| Problem::Encoding(error.utf8_error().valid_up_to()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Problem> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Problem::Encoding(bytes.len()));
    }
    let mut at = 0;
    let mut text = String::with_capacity(pairs.len());
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let c = c.map_err(|_| Problem::Encoding(at))?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_arns_as_far_as_they_are_known() {
        let made = |kind, name| identity(kind, "111122223333", "eu-west-2", name, "m.a[0]").to_string();
        assert_eq!(made(Kind::S3Bucket, Some("logs")), "arn:aws:s3:::logs");
        assert_eq!(made(Kind::RdsInstance, None), "arn:aws:rds:eu-west-2:111122223333:db:(m.a[0])");
        assert_eq!(made(Kind::EbsVolume, None), "arn:aws:ec2:eu-west-2:111122223333:volume/vol-~m.a[0]");
        assert_eq!(made(Kind::BackupVault, Some("main")), "arn:aws:backup:eu-west-2:111122223333:backup-vault:main");
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "{\"é\": \"𝄞\"}";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let inputs = [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", le.as_slice()].concat(),
            [b"\xfe\xff", be.as_slice()].concat(),
            le,
            be,
        ];
        for (index, bytes) in inputs.into_iter().enumerate() {
            assert_eq!(decode(bytes).unwrap(), (text.to_owned(), index > 1), "{index}");
        }
        assert_eq!(decode(b" \n".to_vec()), Err(Problem::Empty));
        assert_eq!(decode(b"\xff\xfe{\0\"".to_vec()), Err(Problem::Encoding(3)));
        assert_eq!(decode(b"{\"a\": \"\xe9\"}".to_vec()), Err(Problem::Encoding(7)));
    }
}
