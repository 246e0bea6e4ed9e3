use std::cell::RefCell;

use aws_sdk_ec2::operation::describe_volumes::DescribeVolumesError;

use super::*;
use crate::aws::calls::DESCRIBE_VOLUMES;
use crate::model::gap::{Gap, Read};
use crate::model::inventory::Inventory;
use crate::sources::link::Hints;

/// What a walk over these pages leaves: the items, the record of reading, the gap.
fn walked(pages: &[(&[u32], Option<&str>)]) -> (Vec<u32>, Option<Read>, Option<Gap>) {
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let place = Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), now, 1);
    let (asked, mut items) = (RefCell::new(Vec::new()), Vec::new());
    let fetch = |token: Option<String>| {
        let number = asked.borrow().len();
        asked.borrow_mut().push(token);
        let (items, next) = pages.get(number).copied().expect("no page is asked for after the end");
        let page: Page<u32> = (items.to_vec(), next.map(str::to_owned));
        async move { Ok::<_, SdkError<DescribeVolumesError, HttpResponse>>(page) }
    };
    let take = |item: u32| {
        if item == 0 {
            return Err(Missing("VolumeId"));
        }
        items.push(item);
        Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(place.walk(DESCRIBE_VOLUMES, None, fetch, take));
    let (mut inventory, mut hints) = (Inventory::empty(now, "test"), Hints::default());
    place.finish(&mut inventory, &mut hints);
    let (read, gap) = (inventory.reads.pop(), inventory.gaps.pop());
    assert_eq!(result.is_ok(), read.is_some());
    assert_eq!(result.is_err(), gap.is_some());
    // Each page is asked for by the token of the one before.
    for (token, (_, next)) in asked.borrow().iter().skip(1).zip(pages) {
        assert_eq!(token.as_deref(), *next);
    }
    (items, read, gap)
}

#[test]
fn a_walk_that_reaches_its_end_is_recorded() {
    let (items, read, _) = walked(&[(&[1, 2], Some("a")), (&[], Some("b")), (&[3], None)]);
    let read = read.unwrap();
    assert_eq!((items, read.items, read.requests), (vec![1, 2, 3], 3, 3));
    let (_, empty, _) = walked(&[(&[], None)]);
    assert_eq!(empty.unwrap().items, 0);
    let (_, ended, _) = walked(&[(&[1], Some(""))]);
    assert_eq!(ended.unwrap().requests, 1, "an empty token is none");
}

#[test]
fn vector_25_a_repeated_token_ends_the_walk_and_leaves_a_gap() {
    let (items, read, gap) = walked(&[(&[1], Some("a")), (&[2], Some("a"))]);
    let gap = gap.unwrap();
    assert_eq!((items, read), (vec![1, 2], None));
    assert_eq!((gap.status, gap.code.as_str()), (GapStatus::Incomplete, "repeated-token"));
    let (items, _, gap) = walked(&[(&[1], Some("a")), (&[2], Some("b")), (&[3], Some("a"))]);
    assert_eq!((items.len(), gap.unwrap().code.as_str()), (3, "repeated-token"), "a ring of tokens, too");
}

#[test]
fn an_item_that_means_nothing_keeps_the_list_from_counting_as_read() {
    let (items, read, gap) = walked(&[(&[1, 0], Some("a")), (&[2], None)]);
    let gap = gap.unwrap();
    assert_eq!((items, read), (vec![1, 2], None));
    assert_eq!(
        (gap.status, gap.message.as_deref()),
        (GapStatus::NotUnderstood, Some("an item of the list has no VolumeId"))
    );
}
