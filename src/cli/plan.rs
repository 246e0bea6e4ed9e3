//! `lastgood plan`: what would put the findings right.

use super::args::{PlanArgs, PlanFormat};
use super::{Exit, Failure, Outcome, collect, load, output, print, records, remark};
use crate::demo;
use crate::evaluate::evaluate;
use crate::model::Instant;
use crate::model::assessment::Assessment;
use crate::model::inventory::Inventory;
use crate::model::plan::{Breakers, Plan, Sample, Settings};
use crate::model::text::Text;
use crate::remediate::{self, Wanted};
use crate::report::{RenderOptions, plan as report};
use crate::sources::inventory::{read_assessment, read_inventory, write_whole};

pub(super) fn run(args: &PlanArgs) -> Outcome {
    let wanted = wanted(args);
    let (assessment, inventory, now) = findings(args)?;
    let plan = remediate::plan(&assessment, &inventory, &wanted, now);
    if let Some(path) = &args.out {
        write_whole(path, |out| report::json(&plan, out))?;
    }
    show(&plan, args)?;
    Ok(Exit::Fine)
}

/// What was found, of what, and the instant to plan for: now, unless somebody says otherwise; the demo stands
/// still.
fn findings(args: &PlanArgs) -> Result<(Assessment, Inventory, Instant), Failure> {
    let policy = load::policy(&args.policies, args.demo)?;
    let records = records::read(&args.records, args.demo)?;
    let mut inventory = match &args.inventory {
        _ if args.demo => demo::inventory(),
        Some(path) => read_inventory(path)?,
        None => collect::from_aws(&args.aws)?,
    };
    records.put_into(&mut inventory, &policy.application_tag)?;
    let now = match args.as_of {
        Some(at) => at,
        None if args.demo => inventory.captured_at,
        None => chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 0),
    };
    if now < inventory.captured_at {
        return Err(Failure::usage(format!("`--as-of {now}` lies before the inventory was read"))
            .help("an inventory shows what existed when it was read; plan for that instant or later"));
    }
    let assessment = match &args.assessment {
        None => evaluate(&policy, &inventory, inventory.captured_at),
        Some(path) => {
            let assessment = read_assessment(path)?;
            if *assessment.inventory.sha256 != *inventory.digest() {
                return Err(Failure::usage("the assessment is of another inventory").help(
                    "give the inventory, registers and logs that `scan` judged; `--save-inventory` keeps them together",
                ));
            }
            assessment
        }
    };
    Ok((assessment, inventory, now))
}

fn wanted(args: &PlanArgs) -> Wanted {
    let mut settings = Settings { keep_newest: args.keep_newest, two_phase: args.two_phase, ..Settings::default() };
    settings.hold_tags.extend(args.hold_tag.iter().map(Text::from));
    settings.breakers = Breakers {
        per_resource: args.max_per_resource,
        per_resource_percent: args.max_percent_per_resource,
        per_run: args.max_per_run,
        per_run_percent: args.max_percent_per_run,
    };
    let verbs = args.only.iter().filter_map(clap::ValueEnum::to_possible_value);
    Wanted {
        only: verbs.map(|verb| Text::from(verb.get_name())).collect(),
        level: args.level.map(Into::into),
        sample: args.sample.map(|count| Sample { count, seed: args.seed }),
        test_instance: args.test_instance.as_ref().map(Text::from),
        restore_to: args.restore_to.clone(),
        again: args.again,
        restore_role: args.restore_role.as_ref().map(Text::from),
        settings,
        lifetime: args.lifetime,
        vault: args.vault.as_ref().map(Text::from),
        role: args.backup_role.as_ref().map(Text::from),
        resources: args.resource.iter().map(Text::from).collect(),
    }
}

fn show(plan: &Plan, args: &PlanArgs) -> Result<(), Failure> {
    let mut out = Vec::new();
    let file = args.out.as_ref().map(|path| path.display().to_string());
    let options = RenderOptions { width: output::width(args.width), colour: output::colour(args.color), input: None };
    match args.format {
        PlanFormat::Json => report::json(plan, &mut out),
        PlanFormat::Text => report::text(plan, file.as_deref(), &options, &mut out),
    }
    .map_err(Failure::new)?;
    print(&out)?;
    if let Some(file) = &file {
        remark(format!("plan {} written to {file}", plan.id));
    }
    Ok(())
}
