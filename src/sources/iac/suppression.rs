//! Exceptions that stand in the code, beside what they except:
//!
//! ```text
//! # lastgood:ignore rule="kept-35-days" until="2026-12-31" owner="shop@example.com" reason="moves to the archive"
//! resource "aws_db_instance" "scratch" {
//! ```
//!
//! One stands in the comment directly above a block, or anywhere in the block: a block of Terraform, or a resource of a
//! template in YAML. All four are compulsory: an exception
//! without an end or an owner is nobody's. The review of the code is its approval.

use chrono::NaiveDate;

use crate::model::text::Text;
use crate::sources::iac::CodeAt;

/// What a comment begins with to be one.
pub(in crate::sources) const MARK: &str = "lastgood:ignore";

/// The keys, all compulsory.
const KEYS: [&str; 4] = ["rule", "until", "owner", "reason"];

/// An exception for one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The rule, by id or glob.
    pub rule: Text,
    /// The last day on which it holds, in the time zone of the policy.
    pub until: NaiveDate,
    /// Who answers for it.
    pub owner: Text,
    /// Why.
    pub reason: Text,
    /// Where it stands.
    pub at: CodeAt,
}

/// A comment that means to be an exception and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {problem}", at.file, at.line)]
pub struct SuppressionError {
    at: CodeAt,
    problem: String,
}

impl SuppressionError {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        "write `# lastgood:ignore rule=\"…\" until=\"2026-12-31\" owner=\"…\" reason=\"…\"`"
    }
}

/// The exception in a comment, if it means to be one.
///
/// # Errors
/// What is wrong with it.
pub(in crate::sources) fn read(comment: &str, at: CodeAt) -> Option<Result<Suppression, SuppressionError>> {
    let text = comment.trim_start_matches(['#', '/', '*']).trim();
    let rest = text.strip_prefix(MARK)?;
    let wrong = |problem: String| SuppressionError { at: at.clone(), problem };
    Some(fields(rest).map_err(wrong).and_then(|[rule, until, owner, reason]| {
        let day = until.parse::<NaiveDate>();
        let until = day.map_err(|_| wrong(format!("`until` is `{until}`, which is no day such as 2026-12-31")))?;
        Ok(Suppression { rule: rule.into(), until, owner: owner.into(), reason: reason.into(), at: at.clone() })
    }))
}

fn fields(text: &str) -> Result<[String; 4], String> {
    let mut found: [Option<String>; 4] = [const { None }; 4];
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let Some((key, value)) = rest.split_once('=') else { return Err(format!("`{rest}` is no `key=\"value\"`")) };
        let key = key.trim();
        let quoted = value.trim_start().strip_prefix('"').and_then(|value| value.split_once('"'));
        let Some((value, after)) = quoted else { return Err(format!("the value of `{key}` stands in no quotes")) };
        let Some((place, _)) = found.iter_mut().zip(KEYS).find(|(_, known)| *known == key) else {
            return Err(format!("`lastgood:ignore` has no `{key}`; it has {}", KEYS.join(", ")));
        };
        if place.replace(value.trim().to_owned()).is_some() {
            return Err(format!("`{key}` stands twice"));
        }
        rest = after.trim_start();
    }
    let mut missing = found.iter().zip(KEYS).filter(|(value, _)| value.as_deref().is_none_or(str::is_empty));
    if let Some((_, key)) = missing.next() {
        return Err(format!("the exception has no `{key}`"));
    }
    Ok(found.map(Option::unwrap_or_default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(comment: &str) -> Option<Result<Suppression, String>> {
        let at = CodeAt { file: "main.tf".into(), line: 7 };
        read(comment, at).map(|read| read.map_err(|error| error.to_string()))
    }

    #[test]
    fn an_exception_names_a_rule_a_day_an_owner_and_a_reason() {
        let good = r#"# lastgood:ignore rule="kept-35-days" until="2026-12-31" owner="shop" reason="a = b, 'c'""#;
        let read = of(good).unwrap().unwrap();
        assert_eq!((&*read.rule, &*read.owner, &*read.reason), ("kept-35-days", "shop", "a = b, 'c'"));
        assert_eq!((read.until.to_string().as_str(), read.at.line), ("2026-12-31", 7));
        assert!(of("# lastgood is a tool").is_none() && of("// TODO").is_none());
        for (from, to, says) in [
            (" owner=\"shop\"", "", "main.tf:7: the exception has no `owner`"),
            ("\"shop\"", "\" \"", "the exception has no `owner`"),
            ("2026-12-31", "2026-13-01", "`until` is `2026-13-01`"),
            ("reason", "because", "has no `because`; it has rule, until, owner, reason"),
            ("\"shop\"", "shop", "the value of `owner` stands in no quotes"),
            (" owner=", " rule=", "`rule` stands twice"),
            ("rule=\"kept-35-days\"", "everything", "no"),
        ] {
            let error = of(&good.replacen(from, to, 1)).unwrap().unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(of("# lastgood:ignore").unwrap().is_err());
    }
}
