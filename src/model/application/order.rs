//! The order of recovery: dependencies first, and among what is ready the most urgent.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::{Application, CRITICALITIES};
use crate::model::text::Text;

/// Applications that wait for each other: no order can be made of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The ids of those that are in a circle or wait for one, in the order of the register.
    pub members: Vec<Text>,
}

/// How urgent an application is; the smallest comes first: its priority, its criticality, its place in
/// the register. Without a priority it comes after those that have one.
type Urgency = (u32, usize, usize);

/// The applications in the order in which they are to be restored. Dependencies that are not in the
/// register hold nothing up.
///
/// # Errors
/// [`Circle`] when some wait for each other.
pub fn order(applications: &[Application]) -> Result<Vec<&Application>, Circle> {
    let index: HashMap<&str, usize> = applications.iter().enumerate().map(|(n, app)| (app.id.as_str(), n)).collect();
    let mut waits_for = vec![0_usize; applications.len()];
    let mut dependents: HashMap<usize, Vec<usize>> = HashMap::new();
    for (n, application) in applications.iter().enumerate() {
        let mut needed: Vec<usize> =
            application.depends_on.iter().flatten().filter_map(|id| index.get(id.as_str()).copied()).collect();
        needed.sort_unstable();
        needed.dedup();
        if let Some(count) = waits_for.get_mut(n) {
            *count = needed.len();
        }
        for dependency in needed {
            dependents.entry(dependency).or_default().push(n);
        }
    }
    let urgency = |n: usize| -> Urgency {
        let application = applications.get(n);
        let priority = application.and_then(|app| app.priority).unwrap_or(u32::MAX);
        (priority, application.map_or(usize::MAX, rank), n)
    };
    let ready = waits_for.iter().enumerate().filter(|(_, count)| **count == 0).map(|(n, _)| Reverse(urgency(n)));
    let mut ready: BinaryHeap<Reverse<Urgency>> = ready.collect();
    let mut ordered = Vec::with_capacity(applications.len());
    while let Some(Reverse((_, _, n))) = ready.pop() {
        ordered.extend(applications.get(n));
        for dependent in dependents.remove(&n).unwrap_or_default() {
            let Some(count) = waits_for.get_mut(dependent) else { continue };
            *count -= 1;
            if *count == 0 {
                ready.push(Reverse(urgency(dependent)));
            }
        }
    }
    if ordered.len() == applications.len() {
        return Ok(ordered);
    }
    let stuck = applications.iter().zip(&waits_for).filter(|(_, count)| **count > 0);
    Err(Circle { members: stuck.map(|(application, _)| application.id.clone()).collect() })
}

fn rank(application: &Application) -> usize {
    let place = |word: &str| CRITICALITIES.iter().position(|known| *known == word);
    application.criticality.as_deref().and_then(place).unwrap_or(CRITICALITIES.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(id: &str, priority: Option<u32>, depends_on: &[&str]) -> Application {
        let depends_on: Vec<&str> = depends_on.to_vec();
        let mut value = serde_json::json!({"id": id, "depends_on": depends_on});
        if let Some(priority) = priority {
            value["priority"] = priority.into();
        }
        serde_json::from_value(value).unwrap()
    }

    fn ids(applications: &[Application]) -> Vec<&str> {
        order(applications).unwrap().into_iter().map(|app| app.id.as_str()).collect()
    }

    #[test]
    fn dependencies_come_first_and_then_the_most_urgent() {
        let shop = app("shop", Some(1), &["identity", "store"]);
        let applications =
            [app("wiki", None, &[]), shop, app("store", Some(9), &[]), app("identity", Some(2), &["gone"])];
        assert_eq!(
            ids(&applications),
            ["identity", "store", "shop", "wiki"],
            "an urgent application waits for what it needs"
        );
        let mut critical = app("b", None, &[]);
        critical.criticality = Some("critical".into());
        assert_eq!(ids(&[app("a", None, &[]), critical]), ["b", "a"]);
    }

    #[test]
    fn a_circle_is_named_and_nothing_is_ordered_around_it() {
        let applications =
            [app("a", None, &["b"]), app("b", None, &["a"]), app("c", None, &["a"]), app("d", None, &[])];
        assert_eq!(order(&applications), Err(Circle { members: vec!["a".into(), "b".into(), "c".into()] }));
        assert_eq!(order(&[app("a", None, &["a"])]), Err(Circle { members: vec!["a".into()] }));
    }
}
