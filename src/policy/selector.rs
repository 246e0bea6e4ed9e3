//! Scopes: which resources a rule, an override or a waiver speaks of.

use crate::model::assessment::Subject;
use crate::model::glob;
use crate::model::kind::Kind;
use crate::model::resource::Resource;
use crate::model::text::Text;

/// A scope. Every part that is given must match; within a part any entry is enough. An empty part
/// says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// The kinds, `*` already resolved to what the check can judge.
    pub kinds: Vec<Kind>,
    /// Tag key → globs of the value.
    pub tags: Vec<(Text, Vec<Text>)>,
    /// Globs of the account.
    pub accounts: Vec<Text>,
    /// Globs of the region.
    pub regions: Vec<Text>,
    /// Globs of the application.
    pub applications: Vec<Text>,
    /// Values of the criticality.
    pub criticality: Vec<Text>,
    /// Globs of the ARN.
    pub resources: Vec<Text>,
    /// What is left out again.
    pub not: Option<Box<Selector>>,
}

/// Whether a scope takes a resource in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on tags that were not read.
    Unknown,
}

/// What a scope is matched against.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Its subject, with the application worked out.
    pub subject: &'a Subject,
    /// Its criticality, if known.
    pub criticality: Option<&'a str>,
}

impl Selector {
    /// Whether the scope takes the target in.
    pub fn matches(&self, target: Target<'_>) -> Match {
        let Target { resource, subject, criticality } = target;
        let plain = (self.kinds.is_empty() || self.kinds.contains(&resource.kind))
            && any_glob(&self.accounts, Some(&resource.account))
            && any_glob(&self.regions, Some(&resource.region))
            && any_glob(&self.resources, Some(&resource.arn));
        if !plain {
            return Match::No;
        }
        let tags_read = resource.tags.known().is_some();
        let mut by_tags = any_glob(&self.applications, subject.application.as_deref())
            && (self.criticality.is_empty()
                || criticality.is_some_and(|value| self.criticality.iter().any(|known| known == value)));
        by_tags = by_tags && self.tags.iter().all(|(key, values)| any_glob(values, resource.tag(key)));
        // What the application register says needs no tag.
        let needs_tags = !self.tags.is_empty()
            || (!self.criticality.is_empty() && criticality.is_none())
            || (!self.applications.is_empty() && subject.application.is_none());
        let included = match (by_tags, needs_tags && !tags_read) {
            (true, _) => Match::Yes,
            (false, true) => Match::Unknown,
            (false, false) => Match::No,
        };
        match (included, self.not.as_deref().map(|not| not.matches(target))) {
            (Match::No, _) | (_, Some(Match::Yes)) => Match::No,
            (Match::Unknown, _) | (_, Some(Match::Unknown)) => Match::Unknown,
            (Match::Yes, _) => Match::Yes,
        }
    }

    /// Whether it says anything beyond kinds: then matching nothing may be a slip of the pen.
    pub fn is_narrow(&self) -> bool {
        !(self.tags.is_empty()
            && self.accounts.is_empty()
            && self.regions.is_empty()
            && self.applications.is_empty()
            && self.criticality.is_empty()
            && self.resources.is_empty())
    }
}

/// Whether any pattern matches; no pattern at all matches everything, and an absent value nothing.
fn any_glob(patterns: &[Text], value: Option<&str>) -> bool {
    patterns.is_empty() || value.is_some_and(|value| patterns.iter().any(|pattern| glob::matches(pattern, value)))
}
