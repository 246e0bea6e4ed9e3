//! The application register from TOML: what makes up each application, with everything that is wrong
//! with it, and which resource belongs to which application.

mod hours;
pub(super) mod tables;

use std::collections::HashMap;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Level, quoted};
use super::place::{At, File, SourceFile};
use super::row::{Row, Word};
use super::suggest::did_you_mean;
use super::{dialect, read};
use crate::model::application::{Application, Component, LoggedAs, REGISTER, ResourceSelector, Stakeholder};
use crate::model::fact::Fact;
use crate::model::gap::Read;
use crate::model::glob;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::resource::{Detail, Existence, Resource, Tags};
use crate::model::text::Text;

/// A valid register.
#[derive(Clone, Debug)]
pub struct Register {
    /// The applications, in the order of the files.
    pub applications: Vec<Application>,
    /// What is doubtful and does not stand in the way.
    pub warnings: Vec<Diagnostic>,
    /// Where the selectors of each application stand.
    selectors: Vec<Vec<At>>,
}

/// Load a register.
///
/// # Errors
/// Everything that is wrong in any of the files: keys, values, ids that stand twice, unknown
/// dependencies, circles of dependencies.
pub fn load(files: &[SourceFile]) -> Result<Register, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let files: Vec<Arc<File>> = files.iter().map(|file| File::new(&file.name, &file.text)).collect();
    let documents: Vec<Row<'_>> = files
        .iter()
        .filter_map(|file| {
            let row = read::file(file, &tables::DOCUMENT, &mut problems)?;
            dialect::warn(file, &mut problems);
            Some(row)
        })
        .collect();
    let rows: Vec<&Row<'_>> = documents.iter().flat_map(|document| document.rows("application")).collect();
    if rows.is_empty() && problems.is_empty() {
        let place = files.first().map(|file| At::new(file, 0..0));
        let problem = Diagnostic::error("no-applications", "the register has no application");
        let problem = place.iter().fold(problem, |problem, at| problem.at(at, ""));
        problems.push(problem.help("write `[[application]]` with `id`, `owner` and `criticality`"));
    }
    let read: Vec<Option<Application>> = rows.iter().map(|row| application(row, &mut problems)).collect();
    twice(&rows, "application", &mut problems);
    dependencies(&rows, &mut problems);
    super::load::sort(&mut problems, files.iter());
    if problems.iter().any(|problem| problem.level == Level::Error) {
        return Err(problems);
    }
    let selectors = rows.iter().map(|row| row.rows("resources").iter().map(|row| row.at.clone()).collect()).collect();
    Ok(Register { applications: read.into_iter().flatten().collect(), warnings: problems, selectors })
}

/// Report ids that stand twice, both places shown.
fn twice(rows: &[&Row<'_>], what: &str, problems: &mut Vec<Diagnostic>) {
    let key = if what == "application" { "id" } else { "name" };
    let mut first: HashMap<Text, &At> = HashMap::new();
    for row in rows {
        let Some(id) = row.text(key) else { continue };
        let at = row.place(key);
        if let Some(known) = first.get(id) {
            let problem = Diagnostic::error("duplicate", format!("the {what} {} stands twice", quoted(id)));
            problems.push(problem.at(at, "again").at(known, "first").help("rename one, or make one of the two"));
        } else {
            first.insert(id.clone(), at);
        }
    }
}

fn application(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> Option<Application> {
    let complete = read::require(row, problems);
    let off_peak = row.words("off_peak").iter().filter_map(|word| hours::parse(word, problems)).collect();
    if row.has("off_peak") && !row.has("timezone") {
        let problem = Diagnostic::error("no-timezone", "`off_peak` needs the application's `timezone`");
        problems.push(
            problem
                .at(row.place("off_peak"), "on whose clock?")
                .help("write for example `timezone = \"Europe/London\"`"),
        );
    }
    let components: Vec<&Row<'_>> = row.rows("component").iter().collect();
    twice(&components, "component", problems);
    let components = components.into_iter().filter_map(|row| component(row, problems)).collect();
    let stakeholders = row.rows("stakeholder").iter().filter_map(|row| stakeholder(row, problems)).collect();
    let resources = row.rows("resources").iter().map(|row| selector(row, problems)).collect();
    let text = |key| row.text(key).cloned();
    let application = Application {
        id: text("id")?,
        name: text("name"),
        owner: text("owner"),
        criticality: text("criticality"),
        timezone: text("timezone"),
        off_peak,
        rto: row.span("rto"),
        rpo: row.span("rpo"),
        priority: row.count("priority").and_then(|count| u32::try_from(count).ok()),
        depends_on: row.has("depends_on").then(|| row.texts("depends_on")),
        stakeholders,
        resources,
        components,
        runbook: text("runbook"),
    };
    complete.then_some(application)
}

fn component(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> Option<Component> {
    let complete = read::require(row, problems);
    let logged_as = row.rows("logged_as").iter().map(|row| LoggedAs {
        tool: row.text("tool").cloned(),
        host: row.text("host").cloned(),
        resource: row.text("resource").cloned(),
    });
    let logged_as = logged_as.collect();
    for row in row.rows("logged_as").iter().filter(|row| row.entries.is_empty() && row.spoiled.is_empty()) {
        let problem = Diagnostic::error("empty-selector", "this `logged_as` would take every log record in");
        problems.push(problem.at(&row.at, "says nothing").help("give `tool`, `host` or `resource`"));
    }
    let text = |key| row.text(key).cloned();
    let component = Component {
        name: text("name")?,
        kind: text("kind")?.parse().ok()?,
        criticality: text("criticality"),
        description: text("description"),
        since: row.date("since"),
        stored_in: row.texts("stored_in"),
        sources: row.texts("sources"),
        logged_as,
    };
    complete.then_some(component)
}

fn stakeholder(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> Option<Stakeholder> {
    read::require(row, problems).then_some(())?;
    Some(Stakeholder { name: row.text("name")?.clone(), contact: row.text("contact")?.clone() })
}

fn selector(row: &Row<'_>, problems: &mut Vec<Diagnostic>) -> ResourceSelector {
    if row.entries.is_empty() && row.spoiled.is_empty() {
        let problem = Diagnostic::error("empty-selector", "this `resources` would take every resource in");
        problems
            .push(problem.at(&row.at, "says nothing").help("give `arns`, `tags`, `kinds`, `accounts` or `regions`"));
    }
    let kinds = row.words("kinds").iter().filter(|word| word.text != "*");
    ResourceSelector {
        arns: row.texts("arns"),
        tags: row.tags("tags").iter().cloned().collect(),
        kinds: kinds.filter_map(|word| word.text.parse().ok()).collect(),
        accounts: row.texts("accounts"),
        regions: row.texts("regions"),
    }
}

/// Every dependency is an application of the register, and no circle is among them.
fn dependencies(rows: &[&Row<'_>], problems: &mut Vec<Diagnostic>) {
    let ids: Vec<&Text> = rows.iter().filter_map(|row| row.text("id")).collect();
    for row in rows {
        for Word { at, text } in row.words("depends_on") {
            if !ids.contains(&text) {
                let help = did_you_mean(text, "the applications are", ids.iter().map(|id| id.as_str()));
                let problem =
                    Diagnostic::error("unknown-application", format!("there is no application {}", quoted(text)));
                problems.push(problem.at(at, "unknown").help(help));
            }
        }
    }
    if let Some(circle) = circle(rows) {
        let names: Vec<&str> = circle.iter().chain(circle.first()).map(|word| word.text.as_str()).collect();
        let message = format!("these applications depend on each other: {}", names.join(" → "));
        let problem =
            circle.iter().enumerate().fold(Diagnostic::error("dependency-circle", message), |problem, (n, word)| {
                let next = circle.get((n + 1) % circle.len()).map_or("", |word| word.text.as_str());
                problem.at(&word.at, format!("depends on {}", quoted(next)))
            });
        problems.push(problem.help("no order of recovery can be made; take one of these dependencies out"));
    }
}

/// The first circle of dependencies: each member with the place where it names the next.
fn circle(rows: &[&Row<'_>]) -> Option<Vec<Word>> {
    let by_id: HashMap<&Text, &Row<'_>> = rows.iter().filter_map(|row| Some((row.text("id")?, *row))).collect();
    let mut done: Vec<&Text> = Vec::new();
    for row in rows {
        let Some(start) = row.text("id") else { continue };
        // Depth first, with an own stack: registers are written by people, and generated ones may be deep.
        let mut path: Vec<(&Text, &[Word])> = vec![(start, row.words("depends_on"))];
        while let Some((id, rest)) = path.pop() {
            let Some((next, later)) = rest.split_first() else {
                done.push(id);
                continue;
            };
            path.push((id, later));
            if let Some(first) = path.iter().position(|(known, _)| **known == next.text) {
                let members: Vec<&Text> = path.iter().skip(first).map(|(id, _)| *id).collect();
                let named = |(n, id): (usize, &&Text)| {
                    let target = members.get((n + 1) % members.len())?;
                    let at = by_id.get(*id)?.words("depends_on").iter().find(|word| word.text == ***target)?;
                    Some(Word { at: at.at.clone(), text: (*id).clone() })
                };
                return members.iter().enumerate().map(named).collect();
            }
            if !done.contains(&&next.text)
                && let Some((id, row)) = by_id.get_key_value(&next.text)
            {
                path.push((id, row.words("depends_on")));
            }
        }
    }
    None
}

impl Register {
    /// Put the register into an inventory, in place of what was there: which resource belongs to which
    /// application, and the declared components among the resources. A resource that no selector
    /// names belongs to the application that its tag `application_tag` names.
    ///
    /// # Errors
    /// Resources that two applications claim, with both places.
    pub fn assign(&self, inventory: &mut Inventory, application_tag: &str) -> Result<(), Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let by_id: HashMap<&str, &Application> = self.applications.iter().map(|app| (app.id.as_str(), app)).collect();
        inventory.resources.retain(|resource| resource.account != log::ACCOUNT);
        for resource in &mut inventory.resources {
            let claims: Vec<(&Application, Option<&At>)> = self.claims(resource);
            if let [(first, first_at), rest @ ..] = claims.as_slice()
                && let Some((second, second_at)) = rest.iter().find(|(app, _)| app.id != first.id)
            {
                let message = format!("{} is claimed by two applications", quoted(&resource.arn));
                let claim = |problem: Diagnostic, at: &Option<&At>, app: &Application| {
                    at.iter().fold(problem, |problem, at| problem.at(at, format!("claimed by {}", quoted(&app.id))))
                };
                let problem = claim(Diagnostic::error("claimed-twice", message), second_at, second);
                let problem = claim(problem, first_at, first);
                problems.push(problem.help("let one application own it, and let the other depend on it"));
                continue;
            }
            let tagged = || by_id.get(resource.tag(application_tag)?).copied();
            let owner = claims.first().map(|(app, _)| *app).or_else(tagged);
            resource.application = owner.map(|app| app.id.clone());
            resource.criticality = owner.and_then(|app| app.criticality.clone());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for application in &self.applications {
            inventory.resources.extend(application.components.iter().map(|part| declared(application, part)));
        }
        inventory.applications = self.applications.clone();
        inventory.reads.retain(|read| read.call != REGISTER);
        inventory.reads.push(Read::declared(REGISTER, self.applications.len() as u64, None));
        Ok(())
    }

    fn claims(&self, resource: &Resource) -> Vec<(&Application, Option<&At>)> {
        let mut claims = Vec::new();
        for (n, application) in self.applications.iter().enumerate() {
            let place = |m: usize| self.selectors.get(n).and_then(|places| places.get(m));
            let found = application.resources.iter().position(|selector| selects(selector, resource));
            claims.extend(found.map(|m| (application, place(m))));
        }
        claims
    }
}

/// Whether every part that is given matches. Tags that were not read match nothing.
fn selects(selector: &ResourceSelector, resource: &Resource) -> bool {
    let any = |patterns: &[Text], value: &str| patterns.is_empty() || patterns.iter().any(|p| glob::matches(p, value));
    any(&selector.arns, &resource.arn)
        && any(&selector.accounts, &resource.account)
        && any(&selector.regions, &resource.region)
        && (selector.kinds.is_empty() || selector.kinds.contains(&resource.kind))
        && selector.tags.iter().all(|(key, patterns)| resource.tag(key).is_some_and(|value| any(patterns, value)))
}

/// A declared component as a resource.
fn declared(application: &Application, component: &Component) -> Resource {
    let since = component.since.map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    Resource {
        arn: component.arn(&application.id),
        kind: component.kind,
        account: Text::from(log::ACCOUNT),
        region: Text::from(log::REGION),
        name: Some(component.name.clone()),
        tags: Fact::Known(Tags::new()),
        created_at: since.map_or(Fact::Unread, Fact::Known),
        application: Some(application.id.clone()),
        criticality: component.criticality.clone().or_else(|| application.criticality.clone()),
        existence: Existence::Present,
        detail: Detail::None,
    }
}

/// The kinds that a component may have.
pub(super) const COMPONENT_KINDS: &[&str] =
    &[Kind::Mysql.id(), Kind::Postgresql.id(), Kind::Repository.id(), Kind::Configuration.id(), Kind::Files.id()];
