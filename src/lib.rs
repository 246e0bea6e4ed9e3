//! lastgood: a policy-as-code compliance auditor for backups on AWS.

pub mod model;
