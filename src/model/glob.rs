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

/// Whether `pattern` may match `text`, in which `(…)` stands for text that is not known yet (see
/// [`declared`](super::declared)): whether there is any text for which it would. Accounts, regions and names have neither
/// `:` nor `/`.
pub fn may_match(pattern: &str, text: &str) -> bool {
    const HOLE: u8 = 0;
    let mut known = Vec::with_capacity(text.len());
    let mut inside = false;
    for byte in text.bytes() {
        match byte {
            b'(' => {
                inside = true;
                known.push(HOLE);
            }
            b')' => inside = false,
            _ if inside => {}
            byte => known.push(byte),
        }
    }
    // What is known at either end tells most apart at once.
    let fixed = |byte: &&u8| **byte != HOLE && **byte != b'*';
    let begin = pattern.as_bytes().iter().take_while(fixed).zip(known.iter().take_while(fixed));
    let end = pattern.as_bytes().iter().rev().take_while(fixed).zip(known.iter().rev().take_while(fixed));
    if begin.chain(end).any(|(one, other)| one != other) {
        return false;
    }
    // `reached` says for each position of the text whether the pattern so far can end there.
    let mut reached: Vec<bool> = vec![false; known.len() + 1];
    let spread = |reached: &mut [bool], over: &dyn Fn(u8) -> bool| {
        for at in 0..known.len() {
            if reached.get(at) == Some(&true)
                && known.get(at).is_some_and(|byte| over(*byte))
                && let Some(next) = reached.get_mut(at + 1)
            {
                *next = true;
            }
        }
    };
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    // A hole may be empty.
    spread(&mut reached, &|byte| byte == HOLE);
    for want in pattern.bytes() {
        if want == b'*' {
            spread(&mut reached, &|_| true);
            continue;
        }
        let mut next = vec![false; known.len() + 1];
        for (at, byte) in known.iter().enumerate() {
            if reached.get(at) != Some(&true) {
                continue;
            }
            // A hole takes the byte and goes on, or is over.
            let in_hole = *byte == HOLE && !matches!(want, b':' | b'/');
            if in_hole && let Some(slot) = next.get_mut(at) {
                *slot = true;
            }
            if (in_hole || *byte == want)
                && let Some(slot) = next.get_mut(at + 1)
            {
                *slot = true;
            }
        }
        reached = next;
        spread(&mut reached, &|byte| byte == HOLE);
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::{matches, may_match};
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

    #[test]
    fn what_is_not_known_may_be_anything() {
        let volume = "arn:aws:ec2:eu-west-2:(account):volume/vol-~a.b";
        assert!(may_match("arn:aws:ec2:*:111122223333:volume/*", volume));
        assert!(!matches("arn:aws:ec2:*:111122223333:volume/*", volume), "it may be another account");
        assert!(matches("arn:aws:ec2:*:*:volume/*", volume));
        assert!(!may_match("arn:aws:ec2:*:*:instance/*", volume));
        assert!(!may_match("arn:aws:ec2:*:*:volume/vol-0123", volume), "nobody can name what AWS will make");
        assert!(may_match("arn:aws:s3:::logs-*", "arn:aws:s3:::(m.b)"));
        assert!(may_match("arn:aws:s3:::", "arn:aws:s3:::(m.b)"), "a hole may be empty");
    }

    proptest! {
        #[test]
        fn may_match_where_some_text_matches(pattern in "[ab*]{0,6}", before in "[ab]{0,3}", after in "[ab]{0,3}") {
            let all = |length: usize| {
                let mut texts = vec![String::new()];
                for _ in 0..length {
                    texts = texts.iter().flat_map(|t| [t.clone(), format!("{t}a"), format!("{t}b")]).collect();
                }
                texts
            };
            let any = all(6).iter().any(|text| matches(&pattern, &format!("{before}{text}{after}")));
            prop_assert_eq!(may_match(&pattern, &format!("{before}(x){after}")), any);
        }

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
