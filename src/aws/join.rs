//! Doing many things at once on one thread, a bounded number at a time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Run `work` on every item, at most `limit` at a time, and give the results in the order of the items.
///
/// The futures may borrow from their surroundings, which tasks spawned on a runtime may not. Each
/// wake-up polls all that are under way, so `limit` should stay small.
pub(crate) async fn for_each<I, T, F>(limit: usize, items: I, work: impl Fn(I::Item) -> F) -> Vec<T>
where
    I: IntoIterator,
    F: Future<Output = T>,
{
    let mut waiting = items.into_iter().enumerate();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut done: Vec<(usize, T)> = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < limit.max(1) {
                let Some((index, item)) = waiting.next() else { break };
                running.push((index, Box::pin(work(item))));
            }
            let before = running.len();
            running.retain_mut(|(index, future)| match future.as_mut().poll(context) {
                Poll::Ready(value) => {
                    done.push((*index, value));
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && before == 0 {
                return Poll::Ready(());
            }
            // Whatever was just started in the place of what ended has not been polled yet.
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn keeps_the_order_and_the_limit() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let results = run(for_each(3, 0..20_u64, |item| {
            let (now, most) = (&now, &most);
            async move {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                tokio::time::sleep(std::time::Duration::from_millis(20 - item)).await;
                now.set(now.get() - 1);
                item
            }
        }));
        assert_eq!(results, (0..20).collect::<Vec<_>>());
        assert_eq!(most.get(), 3);
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        assert!(run(for_each(4, Vec::<u8>::new(), |_| async {})).is_empty());
    }
}
