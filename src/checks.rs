//! The checks: built-in evaluators that rules name and parameterise.
//!
//! One file per check, registered by one line in [`CHECKS`]. A check is a pure function of one case
//! (a resource, the estate around it, the instant); it reads no policy and knows no waiver. Whatever
//! a check needs and nobody read comes back as [`Unread`] through `?`, so the honest answer is the
//! short one to write.

pub mod access;
pub mod automated;
pub mod backup_health;
pub mod backup_window;
pub mod cadence;
pub mod case;
pub mod code_backup;
pub mod condition;
pub mod copy_tiers;
mod declared;
pub mod encryption;
pub mod failure_notification;
pub mod full_cycle;
pub mod immutability;
pub mod incremental;
pub mod integrity_check;
pub mod legal_hold;
pub mod log_complete;
pub mod manual_backup;
pub mod params;
pub mod procedure;
pub mod recovery_order;
pub mod recovery_record;
pub mod restore_record;
pub mod restore_test;
pub mod retention_maximum;
pub mod retention_minimum;
pub mod review;
pub mod secure_location;
pub mod snapshot_complete;
mod statements;
pub mod system_inventory;
mod traps;
pub mod version_restore;
pub mod versioning;

pub use case::{Answer, Case, Context, Group, Unread};
pub use params::{Arg, Args, Param, ParamError, ParamType};

use std::borrow::Cow;

use crate::model::kind::Kind;
use crate::model::span::Span;

/// A prepared check: its parameters are read and valid.
pub trait Check: Send + Sync {
    /// Judge one resource.
    ///
    /// # Errors
    /// [`Unread`] names the first fact that was needed and not read; the verdict is then `unknown`.
    fn judge(&self, case: &Case<'_>) -> Answer {
        Err(Unread::not_asked(&case.resource.arn, "this check judges the estate"))
    }

    /// What one verdict is about.
    fn unit(&self) -> Unit {
        Unit::Resource
    }

    /// Judge a group; only called where [`Check::unit`] says so.
    ///
    /// # Errors
    /// As for [`Check::judge`].
    fn judge_group(&self, group: &Group<'_>) -> Answer {
        Err(Unread::not_asked(&group.name, "this check does not judge groups"))
    }

    /// How far back it looks; the longest of all rules is the period of the assessment.
    fn lookback(&self) -> Span {
        Span::ZERO
    }
}

/// What one verdict of a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Each resource in scope.
    Resource,
    /// Each application that has resources in scope.
    Application,
    /// Everything in scope together.
    Estate,
}

/// What is known of a check without running it: the source of documentation, schema and validation.
#[derive(Debug)]
pub struct CheckInfo {
    /// Its name in policies.
    pub id: &'static str,
    /// The desired state in a line.
    pub title: &'static str,
    /// Markdown: what it judges, exact semantics and their source, what yields `unknown`.
    pub docs: &'static str,
    /// How to put a failure right, in a sentence.
    pub remedy: &'static str,
    /// The kinds it can judge; a scope of `*` means these.
    pub kinds: &'static [Kind],
    /// Whether resources that exist no more are judged by the points they left behind.
    pub judges_deleted: bool,
    /// Where what is configured is enough to judge by, it judges infrastructure code too: how to put a failure right
    /// there, in a sentence. What needs observation (restores, logs, statements of people) has none, and is left out.
    pub remedy_in_code: Option<InCode>,
    /// Its parameters.
    pub params: &'static [Param],
    /// The API calls whose answers it reads, as `service:Operation`.
    pub reads: &'static [&'static str],
    /// Make it ready from valid parameters.
    pub prepare: fn(&Args) -> Result<Box<dyn Check>, ParamError>,
}

/// How to put a failure right in infrastructure code, in the words of each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InCode {
    /// In Terraform and OpenTofu.
    pub terraform: &'static str,
    /// In templates of CloudFormation, the CDK and SAM.
    pub template: &'static str,
}

impl InCode {
    /// The same words in both.
    const fn alike(words: &'static str) -> Self {
        Self { terraform: words, template: words }
    }
}

/// Every check, in the order of the documentation.
pub const CHECKS: &[&CheckInfo] = &[
    &cadence::INFO,
    &backup_window::INFO,
    &manual_backup::INFO,
    &copy_tiers::INFO,
    &full_cycle::INFO,
    &automated::INFO,
    &incremental::INFO,
    &backup_health::INFO,
    &failure_notification::INFO,
    &log_complete::INFO,
    &snapshot_complete::INFO,
    &retention_minimum::INFO,
    &retention_maximum::INFO,
    &legal_hold::INFO,
    &restore_test::INFO,
    &integrity_check::INFO,
    &versioning::INFO,
    &version_restore::INFO,
    &encryption::INFO,
    &access::INFO,
    &immutability::INFO,
    &secure_location::INFO,
    &code_backup::INFO,
    &restore_record::INFO,
    &recovery_record::INFO,
    &recovery_order::INFO,
    &system_inventory::INFO,
    &review::INFO,
    &procedure::INFO,
    &condition::INFO,
];

/// What a check's page says of it: its own documentation, and the language where a parameter is a condition.
pub fn docs(check: &CheckInfo) -> Cow<'static, str> {
    if check.params.iter().any(|param| param.ty == ParamType::Condition) {
        Cow::Owned(format!("{}\n{}", check.docs, condition::reference()))
    } else {
        Cow::Borrowed(check.docs)
    }
}

/// The check with this name.
pub fn find(id: &str) -> Option<&'static CheckInfo> {
    CHECKS.iter().copied().find(|check| check.id == id)
}
