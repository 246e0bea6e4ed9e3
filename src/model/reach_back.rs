//! How far back the previous versions of a bucket's objects reach under its lifecycle rules.
//!
//! A noncurrent version is removed when it has been noncurrent for `NoncurrentDays` **and** more than
//! `NewerNoncurrentVersions` newer noncurrent ones exist. The count can only lengthen its life, so what
//! is promised for every version is the number of days. Where several rules reach one object the
//! shortest expiration wins. Days are rounded up to the next midnight UTC; that is never counted on.
//! Source: Amazon S3 user guide, "Lifecycle configuration elements" and "conflicting lifecycle rules".

use super::resource::LifecycleRule;

/// The part of a bucket that one rule's filter names, and what is promised for the worst of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The rule whose filter it is.
    pub rule: &'a LifecycleRule,
    /// The days that this rule gives.
    pub own: u32,
    /// The days of the versions that are removed first.
    pub days: u32,
    /// The rule that removes those.
    pub by: &'a LifecycleRule,
}

/// The parts of a bucket from which versions are removed, in the order of the rules. Outside of them
/// versions are kept for ever.
pub fn parts(rules: &[LifecycleRule]) -> impl Iterator<Item = Part<'_>> {
    rules.iter().filter_map(move |rule| {
        let own = rule.noncurrent_days?;
        let reaching = rules.iter().filter(|other| overlap(rule, other));
        let (days, by) =
            reaching.filter_map(|other| Some((other.noncurrent_days?, other))).min_by_key(|(days, _)| *days)?;
        Some(Part { rule, own, days, by: if days == own { rule } else { by } })
    })
}

/// The part whose versions are removed first; `None` when no rule removes any.
pub fn shortest(rules: &[LifecycleRule]) -> Option<Part<'_>> {
    parts(rules).min_by_key(|part| part.days)
}

/// Whether some object can match the filters of both rules. A filter that nothing can match overlaps
/// nothing, itself included.
pub fn overlap(a: &LifecycleRule, b: &LifecycleRule) -> bool {
    let (first, second) = (a.prefix.as_deref().unwrap_or_default(), b.prefix.as_deref().unwrap_or_default());
    let prefixes = first.starts_with(second) || second.starts_with(first);
    let tags = a.tags.iter().all(|(key, value)| b.tags.get(key).is_none_or(|other| other == value));
    // Sizes are exclusive bounds: larger than the larger, smaller than the smaller.
    let larger = a.larger_than.max(b.larger_than);
    let least = larger.map_or(0, |bytes| bytes.saturating_add(1));
    let smaller = [a.smaller_than, b.smaller_than].into_iter().flatten().min();
    prefixes && tags && smaller.is_none_or(|bytes| least < bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::resource::Tags;
    use proptest::prelude::*;

    fn rule(id: &str, prefix: &str, days: u32) -> LifecycleRule {
        let prefix = (!prefix.is_empty()).then(|| prefix.into());
        LifecycleRule { id: id.into(), prefix, noncurrent_days: Some(days), ..LifecycleRule::default() }
    }

    fn tagged(key: &str, value: &str) -> LifecycleRule {
        LifecycleRule { tags: [(key.into(), value.into())].into(), ..rule("t", "", 1) }
    }

    fn sized(larger_than: Option<u64>, smaller_than: Option<u64>) -> LifecycleRule {
        LifecycleRule { larger_than, smaller_than, ..rule("s", "", 1) }
    }

    #[test]
    fn vector_18_the_shortest_of_two_overlapping_rules_wins() {
        let rules = [rule("long", "", 90), rule("short", "logs/", 20)];
        let found: Vec<_> = parts(&rules).map(|part| (&*part.rule.id, part.own, part.days, &*part.by.id)).collect();
        assert_eq!(found, [("long", 90, 20, "short"), ("short", 20, 20, "short")]);
        assert_eq!(shortest(&rules).unwrap().days, 20);
    }

    #[test]
    fn vector_18_filters_that_do_not_overlap_stand_for_themselves() {
        let rules = [rule("a", "a/", 90), rule("b", "b/", 20)];
        assert_eq!(parts(&rules).map(|part| part.days).collect::<Vec<_>>(), [90, 20]);
    }

    #[test]
    fn vector_18_newer_versions_can_only_lengthen() {
        let five = LifecycleRule { newer_noncurrent_versions: Some(5), ..rule("r", "", 30) };
        assert_eq!(shortest(&[five]).unwrap().days, 30);
        let expires = LifecycleRule { expire_days: Some(1), ..LifecycleRule::default() };
        assert_eq!(shortest(&[expires]), None, "an expired current version becomes a noncurrent one");
    }

    #[test]
    fn filters_overlap_where_one_object_can_match_both() {
        assert!(overlap(&rule("", "a/", 1), &rule("", "a/b/", 1)));
        assert!(!overlap(&rule("", "a/", 1), &rule("", "b/", 1)));
        assert!(overlap(&tagged("k", "x"), &tagged("other", "y")), "one object may carry both tags");
        assert!(!overlap(&tagged("k", "x"), &tagged("k", "y")));
        assert!(!overlap(&sized(Some(100), None), &sized(None, Some(101))), "no size lies between them");
        assert!(overlap(&sized(Some(100), None), &sized(None, Some(102))));
        let nothing = sized(Some(10), Some(5));
        assert!(!overlap(&nothing, &nothing));
    }

    fn any_rule() -> impl Strategy<Value = LifecycleRule> {
        let tags = prop::collection::btree_map("[kl]", "[xy]", 0..2);
        ("[a/]{0,2}", tags, prop::option::of(0_u64..5), prop::option::of(0_u64..6), prop::option::of(1_u32..99))
            .prop_map(|(prefix, tags, larger_than, smaller_than, noncurrent_days)| LifecycleRule {
                prefix: Some(prefix.as_str().into()),
                tags: tags.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect::<Tags>(),
                larger_than,
                smaller_than,
                noncurrent_days,
                ..LifecycleRule::default()
            })
    }

    /// A small world in which every pair of rules above has a witness if it overlaps at all.
    fn objects() -> Vec<(String, Tags, u64)> {
        let keys = ["", "a", "/", "aa", "a/", "/a", "//"];
        let values = [None, Some("x"), Some("y")];
        let mut world = Vec::new();
        for key in keys {
            for k in values {
                for l in values {
                    let tags: Tags = [("k", k), ("l", l)]
                        .iter()
                        .filter_map(|(key, value)| Some(((*key).into(), (*value)?.into())))
                        .collect();
                    world.extend((0..7).map(|size| (key.to_owned(), tags.clone(), size)));
                }
            }
        }
        world
    }

    fn reaches(rule: &LifecycleRule, (key, tags, size): &(String, Tags, u64)) -> bool {
        key.starts_with(rule.prefix.as_deref().unwrap_or_default())
            && rule.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
            && rule.larger_than.is_none_or(|bytes| *size > bytes)
            && rule.smaller_than.is_none_or(|bytes| *size < bytes)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn agrees_with_looking_at_every_object(rules in prop::collection::vec(any_rule(), 0..5)) {
            let world = objects();
            let days = |object| rules.iter().filter(|rule| reaches(rule, object)).filter_map(|rule| rule.noncurrent_days).min();
            prop_assert_eq!(shortest(&rules).map(|part| part.days), world.iter().filter_map(days).min());
            for part in parts(&rules) {
                // Two rules meet in an object of this world; three need not, but the worst one is enough.
                let worst = world.iter().filter(|object| reaches(part.rule, object)).filter_map(days).min();
                prop_assert_eq!(Some(part.days), worst);
            }
        }
    }
}
