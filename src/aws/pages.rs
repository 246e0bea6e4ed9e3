//! Walking a list page by page, and refusing to call it complete unless it ended properly.
//!
//! The SDK's paginators end without an error when a service repeats a page token, so that a truncated
//! list looks complete. This walk reports it.

use std::collections::HashSet;
use std::error::Error;
use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::calls::Call;
use super::failure::Failure;
use super::place::Place;
use crate::model::gap::GapStatus;
use crate::model::text::Text;

/// More pages than any real list has: 100 million items at 1,000 a page.
const MOST_PAGES: u64 = 100_000;

/// One page: its items, and the token of the next one.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// A field without which an item means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) &'static str);

impl Place {
    /// Walk the list of `call`, giving each item to `take` as its page arrives.
    ///
    /// The items of complete pages are kept whatever happens later; only a walk that reached its end
    /// counts as read. A failure is recorded as a gap (about `about`, if given) and returned.
    pub(crate) async fn walk<T, E, F>(
        &self,
        call: Call,
        about: Option<&Text>,
        mut fetch: impl FnMut(Option<String>) -> F,
        mut take: impl FnMut(T) -> Result<(), Missing>,
    ) -> Result<u64, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<Page<T>, SdkError<E, HttpResponse>>>,
    {
        let mut tokens = HashSet::new();
        let (mut items, mut requests, mut token) = (0_u64, 0_u64, None);
        let mut missing = None;
        let failure = loop {
            requests += 1;
            let (page, next) = match self.send(fetch(token)).await {
                Ok(page) => page,
                Err(failure) if requests > 1 => break Some(failure.of_later_page()),
                Err(failure) => break Some(failure),
            };
            items += page.len() as u64;
            for item in page {
                if let Err(Missing(field)) = take(item) {
                    missing = Some(field);
                }
            }
            let Some(next) = next.filter(|token| !token.is_empty()) else { break None };
            if !tokens.insert(next.clone()) {
                let message = format!("the service gave the same page token twice, after {items} items");
                break Some(Failure::new(GapStatus::Incomplete, "repeated-token", &message));
            }
            if requests >= MOST_PAGES {
                let message = format!("the list did not end after {requests} pages");
                break Some(Failure::new(GapStatus::Incomplete, "too-many-pages", &message));
            }
            token = Some(next);
        };
        let failure = failure.or_else(|| {
            let message = format!("an item of the list has no {}", missing?);
            Some(Failure::new(GapStatus::NotUnderstood, "missing-field", &message))
        });
        match failure {
            Some(failure) => {
                self.failed(call, about, failure.clone());
                Err(failure)
            }
            None => {
                self.read(call, items, requests);
                Ok(items)
            }
        }
    }
}

#[cfg(test)]
mod tests;
