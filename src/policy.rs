//! The written policy as data: rules, scopes, waivers, clauses.
//!
//! Here live the validated types that evaluation uses, and (below) the way to them from TOML: files →
//! raw tables with spans → diagnostics → [`Policy`]. Nothing here reads AWS or a clock.

pub mod applications;
pub mod builtin;
pub mod coverage;
pub mod diagnostic;
pub mod explain;
pub mod frameworks;
pub mod place;
pub mod reference;
pub mod rot;
pub mod schema;
pub mod selector;
pub mod shape;
pub mod starter;
pub mod suggest;
pub mod testing;

mod condition;
mod dialect;
mod layers;
mod literal;
mod load;
mod params;
mod read;
mod row;
mod rules;
mod scope;
mod tables;
mod typed;
mod waivers;

pub use diagnostic::Diagnostic;
pub use load::{load, load_with};
pub use place::SourceFile;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::checks::{Check, CheckInfo};
use crate::model::Instant;
use crate::model::assessment::{PolicyAt, PolicyRef, RuleInfo, WaiverRef};
use crate::model::span::Span;
use crate::model::text::Text;
use selector::Selector;

/// The rule by which a change is judged that takes protection away. It stands in no file, and waivers can name it.
pub const CHANGE_RULE: &str = "no-weakening";

/// A valid policy.
pub struct Policy {
    /// Its identity for reports: id, title, version, owner, approval, digest of its files.
    pub identity: PolicyRef,
    /// The zone of its local days and dates.
    pub timezone: Tz,
    /// The tag whose value names a resource's application.
    pub application_tag: Text,
    /// The tag whose value names its criticality.
    pub criticality_tag: Text,
    /// Its rules, in the order of the files.
    pub rules: Vec<Rule>,
    /// Rules that are switched off.
    pub disabled: Vec<Disabled>,
    /// Approved exceptions, expired ones too.
    pub waivers: Vec<Waiver>,
    /// How long a waiver may hold.
    pub max_waiver: Span,
    /// The register of the written policy's clauses.
    pub clauses: Vec<Clause>,
    /// Mappings to outside frameworks.
    pub frameworks: Vec<frameworks::Framework>,
    /// What is doubtful in its files and does not stand in the way.
    pub warnings: Vec<Diagnostic>,
}

/// A rule that is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// Its id.
    pub id: Text,
    /// Where it is switched off.
    pub at: PolicyAt,
}

/// One rule, ready to judge.
pub struct Rule {
    /// Id, title, clauses, severity, parameters, place.
    pub info: Arc<RuleInfo>,
    /// What is known of its check.
    pub check_info: &'static CheckInfo,
    /// The prepared check.
    pub check: Box<dyn Check>,
    /// What it applies to.
    pub scope: Selector,
    /// Other parameters for some resources; the last that matches wins.
    pub overrides: Vec<Override>,
    /// Whether a scope that matches nothing is as it should be.
    pub may_match_nothing: bool,
    /// Where its parameters stand; the others hold by default.
    pub origins: BTreeMap<&'static str, PolicyAt>,
}

/// Other parameters of a rule for some resources.
pub struct Override {
    /// The rule's description with the changed parameters, severity and place.
    pub info: Arc<RuleInfo>,
    /// The check prepared with the changed parameters.
    pub check: Box<dyn Check>,
    /// The resources, within the rule's scope.
    pub scope: Selector,
    /// Why they are judged differently.
    pub reason: Text,
    /// Where its parameters stand, those of the rule too; the others hold by default.
    pub origins: BTreeMap<&'static str, PolicyAt>,
}

/// An approved exception. It never changes the raw outcome.
pub struct Waiver {
    /// Id, reason, people, dates.
    pub reference: Arc<WaiverRef>,
    /// The rules that it lifts, by id or glob.
    pub rules: Vec<Text>,
    /// The resources that it covers, as ARNs or globs.
    pub resources: Vec<Text>,
    /// The instant of its approval; it covers nothing that is judged for an earlier one.
    pub from: Instant,
    /// Where it stands.
    pub at: PolicyAt,
}

/// A numbered demand of the written policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its number.
    pub id: Text,
    /// Its demand in our words.
    pub demand: Text,
    /// Whether it counts against compliance yet.
    pub in_force: bool,
    /// How it is evidenced: `checked`, `logged`, `attested` or `procedure`, where the register says it.
    pub evidence: Option<Text>,
    /// Why no rule judges it.
    pub not_assessed: Option<Text>,
    /// Where it stands.
    pub at: PolicyAt,
}

impl Policy {
    /// The instant at which a day begins in the policy's time zone.
    pub fn start_of_day(&self, day: chrono::NaiveDate) -> Instant {
        waivers::start_of(day, self.timezone)
    }

    /// The instant at which a day is over in the policy's time zone.
    pub fn end_of_day(&self, day: chrono::NaiveDate) -> Instant {
        waivers::end_of(day, self.timezone)
    }
}

impl Waiver {
    /// Whether it covers this rule and resource at `as_of`.
    pub fn covers(&self, rule: &str, resource: &str, as_of: Instant) -> bool {
        self.from <= as_of && as_of < self.reference.expires && self.names(rule, resource)
    }

    /// Whether it names this rule and resource, expired or not.
    pub fn names(&self, rule: &str, resource: &str) -> bool {
        use crate::model::glob::matches;
        self.rules.iter().any(|pattern| matches(pattern, rule))
            && self.resources.iter().any(|pattern| matches(pattern, resource))
    }
}
