//! Patterns with `*`, as AWS Backup selections and policy scopes write them.

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters (also none) and
/// every other character for itself. Case-sensitive, as AWS Backup's selections are. Linear in
/// practice and never worse than pattern × text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (mut p, mut t) = (pattern.as_bytes(), text.as_bytes());
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (p.split_first(), t.split_first()) {
            (Some((b'*', rest)), _) => {
                retry = Some((rest, t));
                p = rest;
            }
            (Some((a, p_rest)), Some((b, t_rest))) if a == b => (p, t) = (p_rest, t_rest),
            (None, None) => return true,
            _ => match retry {
                Some((after_star, from)) => {
                    let Some((_, shorter)) = from.split_first() else { return false };
                    retry = Some((after_star, shorter));
                    (p, t) = (after_star, shorter);
                }
                None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;
    use proptest::prelude::*;

    #[test]
    fn star_stands_for_any_run() {
        assert!(matches("*", ""));
        assert!(matches("arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1"));
        assert!(!matches("arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:eu-west-2:111122223333:instance/i-1"));
        assert!(matches("a*b*c", "aXbYbZc"));
        assert!(!matches("a*b", "abc"));
        assert!(!matches("Prod", "prod"));
        assert!(matches("prod-*", "prod-é"));
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_recursive_matcher(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            fn plain(p: &[u8], t: &[u8]) -> bool {
                match p.split_first() {
                    None => t.is_empty(),
                    Some((b'*', rest)) => (0..=t.len()).any(|n| plain(rest, &t[n..])),
                    Some((c, rest)) => t.first() == Some(c) && plain(rest, &t[1..]),
                }
            }
            prop_assert_eq!(matches(&pattern, &text), plain(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
