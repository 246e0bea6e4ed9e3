//! `encryption`: what is stored is encrypted, the copies too.

mod points;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType, Unread};
use crate::model::fact::Fact;
use crate::model::glob;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::outcome::Outcome;
use crate::model::resource::{Detail, Existence};
use crate::model::text::Text;
use points::{Tally, holds_data};

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "encryption",
    title: "what is stored is encrypted, the copies too",
    docs: "\
## What it judges
The resource itself, every stored recovery point of it, AWS Backup vaults, stray recovery points,
the points that deleted resources left behind, and EBS encryption by default of an account and
region. `what` chooses among `resource` (with the regional default), `recovery-points` and `vault`.

## Exact semantics
* A recovery point is judged by its own encryption, never by its vault: EBS, EC2, RDS and Aurora
  points inherit the source, so an unencrypted volume gives unencrypted points in an encrypted vault.
* An image (AMI) is encrypted when each of its member snapshots is.
* Points that are being made or deleted, and containers of composites, hold nothing to judge.
* DynamoDB tables are always encrypted; instances have no storage of their own, their volumes are
  judged by themselves.
* S3: the default encryption of the bucket. `none` fails; `AES256` fails with `require_kms`. Objects
  from before 2023 may still be unencrypted, which no bucket setting shows.
* `keys`: globs of the KMS key ARNs that may be used; where it is given, another key fails, and so
  does a bucket whose default names no key. Keys are compared as the service writes them.
* `key_health`: a recovery point under a KMS key that is disabled, waits for its deletion, is gone or
  cannot be used for another reason fails: nobody can restore from it today. A point of which the
  service names no key lies under a key of AWS and is not judged by this.
* One unencrypted object is enough to fail; a pass needs every list of recovery points read to its end.

## What yields `unknown`
The encryption of the resource, of a point or of a member snapshot was not read, a list of recovery
points is incomplete, `keys` is given and a key was
not read, or `key_health` is set and the state of a key was not read or is one that this version does not know.
",
    remedy: "encryption cannot be changed in place: copy the snapshot or restore the resource with a KMS key, then \
             replace the unencrypted one; switch on EBS encryption by default",
    kinds: &[
        Kind::EbsVolume,
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
        Kind::BackupVault,
        Kind::RecoveryPoint,
        Kind::AccountRegion,
    ],
    judges_deleted: true,
    remedy_in_code: Some(InCode {
        terraform: "set `storage_encrypted` or `encrypted` (it cannot be changed later without a copy), or declare `aws_ebs_encryption_by_default`",
        template: "set `StorageEncrypted` or `Encrypted` (it cannot be changed later without a copy), or switch on the account's encryption of new volumes",
    }),
    params: &[
        Param {
            name: "what",
            ty: ParamType::Choices(&["resource", "recovery-points", "vault"]),
            default: Some(r#"["resource", "recovery-points", "vault"]"#),
            required: false,
            docs: "What must be encrypted.",
        },
        Param {
            name: "keys",
            ty: ParamType::Texts,
            default: Some("[]"),
            required: false,
            docs: "Globs of the KMS key ARNs that may be used; any key when empty.",
        },
        Param {
            name: "require_kms",
            ty: ParamType::Flag,
            default: Some("false"),
            required: false,
            docs: "Whether buckets must encrypt with a KMS key rather than one of S3's own.",
        },
        Param {
            name: "key_health",
            ty: ParamType::Flag,
            default: Some("false"),
            required: false,
            docs: "Whether the KMS keys of recovery points must be usable.",
        },
    ],
    reads: &[
        "ec2:DescribeVolumes",
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "ec2:GetEbsEncryptionByDefault",
        "s3:GetBucketEncryption",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "dynamodb:DescribeTable",
        "dynamodb:ListBackups",
        "elasticfilesystem:DescribeFileSystems",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
        KEY,
    ],
    prepare,
};

const MOST_EVIDENCE: usize = 20;

/// The call that reads the state of a key.
const KEY: &str = "kms:DescribeKey";

struct Encryption {
    resource: bool,
    points: bool,
    vault: bool,
    keys: Vec<Text>,
    require_kms: bool,
    key_health: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let what = args.texts("what");
    if what.is_empty() {
        return Err(ParamError::new("what", "nothing is left to judge", "name at least one of the choices"));
    }
    let judges = |name: &str| what.iter().any(|chosen| chosen == name);
    Ok(Box::new(Encryption {
        resource: judges("resource"),
        points: judges("recovery-points"),
        vault: judges("vault"),
        keys: args.texts("keys").to_vec(),
        require_kms: args.flag("require_kms"),
        key_health: args.flag("key_health"),
    }))
}

/// What can be said of one stored thing, from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Good,
    KeyUnread,
    KeyStrange,
    Unread,
    OtherKey,
    NotKms,
    BadKey,
    Plain,
}

impl State {
    const fn note(self) -> &'static str {
        match self {
            Self::Good => "encrypted",
            Self::Unread => "not read",
            Self::KeyUnread => "state of the key not read",
            Self::KeyStrange => "state of the key not understood",
            Self::BadKey => "key cannot be used",
            Self::OtherKey => "key not allowed",
            Self::NotKms => "no KMS key",
            Self::Plain => "not encrypted",
        }
    }
}

impl Check for Encryption {
    fn judge(&self, case: &Case<'_>) -> Answer {
        match case.resource.kind {
            Kind::BackupVault if self.vault => self.vault(case),
            Kind::AccountRegion if self.resource => default_of_region(case),
            Kind::BackupVault | Kind::AccountRegion => Ok(Judgement::not_applicable("the rule does not ask for it")),
            _ => self.stored(case),
        }
    }
}

impl Encryption {
    /// A resource with its points, either of which may be left out by `what`.
    fn stored(&self, case: &Case<'_>) -> Answer {
        let own = self.own(case).transpose();
        let tally = if self.points { self.tally(case) } else { Tally::default() };
        let own_state = match &own {
            Some(Ok(state)) => *state,
            _ => State::Good,
        };
        let judgement =
            |judgement: Judgement| judgement.with("subject", case.resource.kind.noun()).with("points", tally.stored);
        let found = if own_state == State::Plain && tally.plain > 0 {
            Some("the {subject} is not encrypted, and {unencrypted} of {points} recovery points are not either")
        } else if own_state == State::Plain {
            Some("the {subject} is not encrypted")
        } else if tally.plain > 0 {
            Some("not encrypted: {unencrypted:recovery point} of {points}")
        } else if tally.bad_key > 0 {
            Some("encrypted with a key that cannot be used: {bad_key:recovery point} of {points}")
        } else if own_state == State::NotKms {
            Some("the {subject} is encrypted with a key of S3's own, and a KMS key is demanded")
        } else if own_state == State::OtherKey {
            Some("the {subject} is encrypted with a key that is not allowed")
        } else if tally.other_key > 0 {
            Some("encrypted with a key that is not allowed: {other_key:recovery point} of {points}")
        } else {
            None
        };
        if let Some(template) = found {
            let own = (own_state > State::Unread)
                .then(|| Evidence::new("resource", case.resource.arn.clone(), None).note(own_state.note()));
            return Ok(judgement(Judgement::fail(template))
                .with("unencrypted", tally.plain)
                .with("other_key", tally.other_key)
                .with("bad_key", tally.bad_key)
                .shown_by_all(own.into_iter().chain(self.evidence(case, State::OtherKey)), MOST_EVIDENCE));
        }
        let own_judged = own.transpose()?.is_some();
        if case.is_declared() {
            let template =
                if own_judged { "the {subject} is encrypted" } else { "it has no storage of its own to encrypt" };
            let outcome = if own_judged { Outcome::Pass } else { Outcome::NotApplicable };
            return Ok(Judgement::new(outcome, template).with("subject", case.resource.kind.noun()));
        }
        if tally.unread > 0 {
            return Ok(judgement(Judgement::unknown("encryption was not read: {unread:recovery point} of {points}"))
                .with("unread", tally.unread)
                .shown_by_all(self.evidence(case, State::Unread), MOST_EVIDENCE));
        }
        if tally.key_strange > 0 {
            return Ok(judgement(Judgement::unknown(
                "encrypted with a key whose state this version does not understand: {strange:recovery point} of {points}",
            ))
            .with("strange", tally.key_strange)
            .shown_by_all(self.evidence(case, State::KeyStrange), MOST_EVIDENCE));
        }
        if tally.key_unread > 0 {
            return Err(case.unread(KEY));
        }
        let stray = case.resource.kind == Kind::RecoveryPoint;
        if self.points && !stray {
            case.need_all_points()?;
        }
        Ok(match (own_judged, self.points, tally.stored) {
            (true, true, _) => judgement(Judgement::pass(
                "the {subject} is encrypted, and so is every stored recovery point ({points})",
            )),
            (true, false, _) => judgement(Judgement::pass("the {subject} is encrypted")),
            (false, true, 1..) if stray => judgement(Judgement::pass("the {subject} is encrypted")),
            (false, true, 1..) => judgement(Judgement::pass("every stored recovery point is encrypted ({points})")),
            (false, true, 0) => judgement(Judgement::not_applicable("no recovery point of it is stored")),
            (false, false, _) => judgement(Judgement::not_applicable("the {subject} itself stores nothing to encrypt")),
        })
    }

    /// The resource itself; `None` where it has nothing of its own, or is gone, or is not asked for.
    fn own(&self, case: &Case<'_>) -> Result<Option<State>, Unread> {
        let resource = case.resource;
        if !self.resource || resource.existence == Existence::Deleted {
            return Ok(None);
        }
        let (encrypted, key) = match &resource.detail {
            Detail::Volume(volume) => (&volume.encrypted, volume.kms_key.as_ref()),
            Detail::Database(database) => (&database.encrypted, database.kms_key.as_ref()),
            Detail::FileSystem(system) => (&system.encrypted, system.kms_key.as_ref()),
            _ => match resource.kind {
                Kind::S3Bucket => return self.bucket(case).map(Some),
                Kind::DynamodbTable => return self.table(case).map(Some),
                Kind::Ec2Instance | Kind::RecoveryPoint => return Ok(None),
                kind => return Err(case.unread(kind.list_operation().unwrap_or_default())),
            },
        };
        let call = resource.kind.list_operation().unwrap_or_default();
        case.need_named(Some(encrypted), call, "encrypted")?;
        match self.state(encrypted, key) {
            State::Unread => Err(Unread::not_asked(call, "the key that it is encrypted with was not read")),
            state => Ok(Some(state)),
        }
    }

    fn bucket(&self, case: &Case<'_>) -> Result<State, Unread> {
        let bucket = case.resource.bucket();
        let default = case.need(bucket.map(|bucket| &bucket.encryption), "s3:GetBucketEncryption")?;
        Ok(if default.algorithm == "none" {
            State::Plain
        } else if self.require_kms && !default.algorithm.starts_with("aws:kms") {
            State::NotKms
        } else if !self.keys.is_empty() && !default.kms_key.as_ref().is_some_and(|key| self.allows(key)) {
            State::OtherKey
        } else {
            State::Good
        })
    }

    /// Tables cannot be unencrypted; with which key is asked only where keys are demanded.
    fn table(&self, case: &Case<'_>) -> Result<State, Unread> {
        if self.keys.is_empty() {
            return Ok(State::Good);
        }
        let key =
            case.need_named(case.resource.table().map(|table| &table.kms_key), "dynamodb:DescribeTable", "kms_key")?;
        Ok(if self.allows(key) { State::Good } else { State::OtherKey })
    }

    fn state(&self, encrypted: &Fact<bool>, key: Option<&Text>) -> State {
        match (encrypted.known(), key) {
            (None, _) => State::Unread,
            (Some(false), _) => State::Plain,
            (Some(true), _) if self.keys.is_empty() => State::Good,
            (Some(true), None) => State::Unread,
            (Some(true), Some(key)) if self.allows(key) => State::Good,
            (Some(true), Some(_)) => State::OtherKey,
        }
    }

    fn allows(&self, key: &str) -> bool {
        self.keys.iter().any(|pattern| glob::matches(pattern, key))
    }

    /// The points that are in this state or worse.
    fn evidence<'c>(&'c self, case: &'c Case<'_>, least: State) -> impl Iterator<Item = Evidence> + 'c {
        let stored = case.points().iter().filter(|point| self.points && holds_data(point));
        let states = stored.map(|point| (point, self.point(case, point)));
        states.filter(move |(_, state)| *state >= least).map(|(point, state)| Evidence::point(point).note(state.note()))
    }

    fn vault(&self, case: &Case<'_>) -> Answer {
        let vault = case.resource.vault();
        let key = case.need_named(vault.map(|vault| &vault.kms_key), "backup:ListBackupVaults", "kms_key")?;
        let judgement = if self.keys.is_empty() || self.allows(key) {
            Judgement::pass("the vault is encrypted")
        } else if key.is_empty() {
            Judgement::fail("the vault is encrypted with a key that AWS owns, and a key of ours is demanded")
        } else {
            Judgement::fail("the vault is encrypted with a key that is not allowed: {key}")
        };
        Ok(judgement.with("key", key))
    }
}

fn default_of_region(case: &Case<'_>) -> Answer {
    let settings = case.resource.region_settings();
    if settings.is_none_or(|settings| settings.ebs_encryption_by_default.is_unread())
        && super::declared::is_silent(case, "ebs_encryption_by_default")
    {
        return Ok(Judgement::not_applicable("the code does not declare whether new volumes are encrypted by default"));
    }
    let default =
        case.need(settings.map(|settings| &settings.ebs_encryption_by_default), "ec2:GetEbsEncryptionByDefault")?;
    Ok(if *default {
        Judgement::pass("new volumes are encrypted by default")
    } else {
        Judgement::fail("new volumes are not encrypted by default")
    })
}

#[cfg(test)]
mod tests;
