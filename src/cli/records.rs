//! What people and programs wrote down: registers and logs, read before AWS is, put into the inventory after.

use std::path::{Path, PathBuf};

use super::args::RecordArgs;
use super::{Failure, load, remark};
use crate::model::inventory::Inventory;
use crate::policy::applications::{self, Register};
use crate::policy::{Policy, diagnostic};

/// The register that is used when none is named.
const APPLICATIONS: &str = "applications.toml";

/// What was read.
pub(super) struct Records {
    register: Option<Register>,
}

/// Read everything that the arguments name, or that lies where it is looked for.
pub(super) fn read(args: &RecordArgs, is_demo: bool) -> Result<Records, Failure> {
    let paths = named_or(&args.applications, APPLICATIONS, is_demo);
    Ok(Records { register: if paths.is_empty() { None } else { Some(register(&paths)?) } })
}

/// The files that are named, or the one in the working directory; the demo looks at none by itself.
fn named_or(named: &[PathBuf], usual: &str, is_demo: bool) -> Vec<PathBuf> {
    let found = named.is_empty() && !is_demo && Path::new(usual).is_file();
    if found { vec![PathBuf::from(usual)] } else { named.to_vec() }
}

fn register(paths: &[PathBuf]) -> Result<Register, Failure> {
    let files = load::read(paths)?;
    let register = applications::load(&files).map_err(|problems| load::invalid("application register", &problems))?;
    if !register.warnings.is_empty() {
        remark(diagnostic::render(&register.warnings, load::style()).trim_end());
    }
    Ok(register)
}

impl Records {
    /// Put them into the inventory, in place of what it held of the same sort.
    pub(super) fn put_into(&self, inventory: &mut Inventory, policy: &Policy) -> Result<(), Failure> {
        if let Some(register) = &self.register {
            let assigned = register.assign(inventory, &policy.application_tag);
            assigned.map_err(|problems| load::invalid("application register", &problems))?;
        }
        inventory.sort();
        Ok(())
    }
}
