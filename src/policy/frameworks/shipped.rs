//! The shipped mappings, written for the shipped policy.

use super::{Framework, SourceFile, read_all};
use crate::policy::Policy;

macro_rules! shipped {
    ($($id:literal),* $(,)?) => {
        /// Names and texts of the shipped mappings, in the order of reports.
        pub const SHIPPED: &[(&str, &str)] = &[$((
            concat!("builtin:frameworks/", $id, ".toml"),
            include_str!(concat!("../../../policies/frameworks/", $id, ".toml")),
        )),*];
    };
}

shipped!("iso-27001", "soc-2", "nist-800-53", "nist-csf", "cis-v8", "pci-dss", "hipaa", "dora", "nis2", "bsi-c5",);

/// The shipped mappings as files.
pub fn sources() -> Vec<SourceFile> {
    SHIPPED.iter().map(|(name, text)| SourceFile { name: (*name).into(), text: (*text).into() }).collect()
}

/// The shipped mappings for a policy that is the shipped one or extends it. What the policy lacks is missing
/// in them; a claim that it does not bear out is lowered.
pub fn shipped(policy: &Policy) -> Vec<Framework> {
    // That they are sound is tested with the shipped policy.
    read_all(&sources(), policy).0
}
