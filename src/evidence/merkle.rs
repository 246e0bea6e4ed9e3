//! The Merkle tree hash of RFC 6962, section 2.1: a leaf is hashed after a zero byte, a node after a one.

use sha2::{Digest as _, Sha256};

/// A hash of the tree.
pub(super) type Hash = [u8; 32];

fn leaf(data: &str) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root over leaves in this order; of none it is the hash of nothing.
///
/// The tree of RFC 6962 splits at the largest power of two below the number of leaves, which is the same as joining
/// neighbours from below and carrying a last one without neighbour up.
pub(super) fn root(leaves: impl Iterator<Item = String>) -> Hash {
    let mut level: Vec<Hash> = leaves.map(|text| leaf(&text)).collect();
    while level.len() > 1 {
        let pairs = level.chunks(2).map(|pair| match pair {
            [left, right] => node(left, right),
            [one] => *one,
            _ => [0; 32],
        });
        level = pairs.collect();
    }
    level.pop().unwrap_or_else(|| Sha256::digest([]).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::hex;

    /// The definition, as it stands in the RFC.
    fn by_definition(leaves: &[String]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => leaf(one),
            _ => {
                let split = (leaves.len() - 1).next_power_of_two().max(2) / 2;
                let split = if split * 2 < leaves.len() { split * 2 } else { split };
                node(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_rfc() {
        assert_eq!(hex(&root(std::iter::empty())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        // The known answer for one empty leaf (Certificate Transparency's own test data).
        assert_eq!(
            hex(&root([String::new()].into_iter())),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        for count in 1..70 {
            let leaves: Vec<String> = (0..count).map(|n| format!("leaf {n}")).collect();
            assert_eq!(root(leaves.iter().cloned()), by_definition(&leaves), "{count}");
        }
    }

    #[test]
    fn every_leaf_and_its_place_count() {
        let of = |leaves: &[&str]| root(leaves.iter().map(|leaf| (*leaf).to_owned()));
        let good = of(&["a", "b", "c"]);
        for other in [&["b", "a", "c"][..], &["a", "b"], &["a", "b", "c", "c"], &["a", "b", "d"]] {
            assert_ne!(of(other), good, "{other:?}");
        }
    }
}
