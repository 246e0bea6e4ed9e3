//! What infrastructure code says of itself, beside the inventory that results from it: whose block it is, what
//! becomes of it, what cannot be told before it is applied, and what the change takes away.
//!
//! # Identity
//! A resource that does not exist yet has no ARN. Its identity has the form of one, so that selections, vaults and
//! rules that go by ARN judge it as any other; what is not known yet stands in parentheses:
//!
//! ```text
//! arn:aws:s3:::invoices                                            the name is in the code: the real ARN
//! arn:aws:rds:eu-west-2:111122223333:db:(aws_db_instance.main)      the identifier is made up when it is created
//! arn:aws:ec2:eu-west-2:(account):volume/vol-~aws_ebs_volume.data   AWS makes the id; no pattern can name it yet
//! ```
//!
//! * `(…)` is any text, not known yet. [`glob::matches_unknown`](super::glob::matches_unknown) says whether a pattern
//!   matches whatever it will be, or may match. It stands for a part in the middle, or for the end.
//! * `~` begins the address of something whose id AWS will make: a pattern matches it only by a `*`, since nobody can
//!   know the id beforehand.
//!
//! Addresses are made harmless by [`spelt`]. People read `name`, which is the address itself.

use serde::{Deserialize, Serialize};

use super::inventory::sort_large;
use super::text::Text;

/// What is known of declared infrastructure beside its inventory. An inventory that has it is judged by its
/// configuration alone.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Declared {
    /// The tool, with versions: `terraform 1.9.8, plan format 1.2`.
    pub tool: Text,
    /// Whether the state before the change is known, so that weakenings and what is new can be told.
    pub has_before: bool,
    /// Each resource that stands in the code, those that are deleted too.
    pub resources: Vec<DeclaredResource>,
    /// Each fact that is unread, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<Undecided>,
    /// What is known of numbers that are unread: a parameter with `MinValue`, a condition with 35 in one branch and 90 in
    /// the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<Bound>,
    /// What the change takes away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weakenings: Vec<Weakening>,
    /// Whether the inventory of the account was joined to it.
    pub live: bool,
}

/// One resource of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredResource {
    /// Its address (Terraform) or logical id (CloudFormation), as the tool writes it.
    pub address: Text,
    /// The type as the tool writes it, such as `aws_db_instance`.
    pub declared_type: Text,
    /// The judged thing that it is, or is a part of: the versioning of a bucket has the identity of the bucket.
    /// Absent for what is not judged by itself, such as a selection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Text>,
    /// What becomes of it.
    pub action: Action,
    /// Where it stands in the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<CodeAt>,
    /// Its address before, where the change moves it (`moved` blocks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<Text>,
}

/// A place in a file of the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeAt {
    /// The file, relative to where the code is.
    pub file: Text,
    /// The line, from 1.
    pub line: u32,
}

/// What a change does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made anew, in either order.
    Replace,
    /// It is deleted.
    Delete,
    /// Nothing.
    NoOp,
    /// It exists and comes under management, otherwise unchanged.
    Import,
    /// It stays and leaves management: what it becomes cannot be told from the code any more.
    Forget,
    /// It is looked up: a data source.
    Read,
    /// It stands in the code, and what the change does is not told (a template, a state).
    Stated,
}

impl Action {
    /// Whether the change touches it.
    pub const fn touches(self) -> bool {
        !matches!(self, Self::NoOp | Self::Read)
    }

    /// Whether it is there afterwards, under management.
    pub const fn leaves(self) -> bool {
        !matches!(self, Self::Delete | Self::Forget)
    }

    /// The word for people.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::NoOp => "no-op",
            Self::Import => "import",
            Self::Forget => "forget",
            Self::Read => "read",
            Self::Stated => "stated",
        }
    }
}

/// A fact that is unread although the code speaks of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undecided {
    /// The identity of the judged thing whose fact it is; absent where it concerns a whole account and region, as a
    /// selection does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Text>,
    /// The fact, by the name of the model's field, such as `backup_retention_days`, or `tags`; `selections` for a plan's.
    pub fact: Text,
    /// Which attribute, with its address: `aws_db_instance.main.backup_retention_period`.
    pub attribute: Text,
    /// Why, to be read after the attribute: `is known only after apply`.
    pub why: Text,
}

/// Between which numbers an unread fact lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The identity of the judged thing whose fact it is.
    pub identity: Text,
    /// The fact, by the name of the model's field.
    pub fact: Text,
    /// It is at least this.
    pub least: u64,
    /// It is at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
}

/// A change that takes protection away, whatever the rules say of the result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weakening {
    /// The address of what changes.
    pub address: Text,
    /// The type as the tool writes it.
    pub declared_type: Text,
    /// The identity of the judged thing, if it has one; otherwise the address.
    pub identity: Text,
    /// A stable word for the sort of weakening, such as `retention-shortened`.
    pub code: Text,
    /// What it was, in words: `35`.
    pub before: Text,
    /// What it becomes: `1`, `deleted`, or `not known until apply`.
    pub after: Text,
    /// The sentence: lower case, no full stop, names what it was and what it becomes.
    pub sentence: Text,
}

impl Declared {
    /// Put everything into its canonical order.
    pub fn sort(&mut self) {
        sort_large(&mut self.resources, |a, b| (&a.address, a.action).cmp(&(&b.address, b.action)));
        self.undecided.sort();
        self.undecided.dedup();
        self.bounds.sort();
        self.bounds.dedup();
        self.weakenings.sort();
        self.weakenings.dedup();
    }

    /// The least that an unread number of a judged thing may be.
    pub fn least(&self, identity: &str, fact: &str) -> Option<u64> {
        let before = |bound: &Bound| (bound.identity.as_str(), bound.fact.as_str()) < (identity, fact);
        // In canonical order, too.
        let of = self.bounds.get(self.bounds.partition_point(before));
        of.filter(|bound| bound.identity == *identity && bound.fact == *fact).map(|bound| bound.least)
    }

    /// Why a fact of a judged thing is unread.
    pub fn why_unread<'s>(&'s self, identity: &'s str, fact: &'s str) -> impl Iterator<Item = &'s Undecided> {
        self.of(identity).filter(move |undecided| undecided.fact == *fact)
    }

    /// Everything that is open of a judged thing, and of its account and region. It is in canonical order, so that a
    /// search is enough: a large change may leave much open.
    pub fn of<'s>(&'s self, identity: &'s str) -> impl Iterator<Item = &'s Undecided> {
        let all = self.undecided.as_slice();
        let start = |than: Option<&str>| all.partition_point(|undecided| undecided.identity.as_deref() < than);
        let after = |than: &str| all.partition_point(|undecided| undecided.identity.as_deref() <= Some(than));
        let wide = all.get(..all.partition_point(|undecided| undecided.identity.is_none())).unwrap_or_default();
        let own = all.get(start(Some(identity))..after(identity)).unwrap_or_default();
        wide.iter().chain(own)
    }
}

/// An address as part of an identity: what has a meaning in ARNs, patterns or identities is percent-encoded.
pub fn spelt(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '%' | '(' | ')' | '*' | '~' | ':' | '/' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c if c.is_whitespace() || c.is_control() => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_an_identity_means_nothing_else() {
        assert_eq!(spelt(r#"module.a["x/y"].aws_s3_bucket.b[0]"#), r#"module.a["x%2Fy"].aws_s3_bucket.b[0]"#);
        assert_eq!(spelt("a(b)*c d:e~%"), "a%28b%29%2Ac%20d%3Ae%7E%25");
        assert_eq!(super::super::arn::short("arn:aws:backup:r:a:backup-vault:(m%2Fv)"), "(m%2Fv)");
    }

    #[test]
    fn the_least_of_one_fact_is_not_that_of_another() {
        let bound = |identity: &str, fact: &str, least| Bound {
            identity: identity.into(),
            fact: fact.into(),
            least,
            most: None,
        };
        let mut declared =
            Declared { bounds: vec![bound("b", "size", 7), bound("a", "days", 35)], ..Declared::default() };
        declared.sort();
        assert_eq!((declared.least("a", "days"), declared.least("b", "size")), (Some(35), Some(7)));
        assert_eq!(
            (declared.least("b", "days"), declared.least("a", "age"), declared.least("c", "days")),
            (None, None, None)
        );
    }
}
