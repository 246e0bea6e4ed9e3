//! The image itself: holes, places, and that it goes away. No tools are needed.

use lastgood::image::{Error, Image, sweep};

use super::BLOCK;

#[test]
fn holes_stay_holes_and_take_no_space() {
    let folder = tempfile::tempdir().unwrap();
    let image = Image::create(folder.path(), 8 << 30).unwrap();
    let block = vec![7; BLOCK as usize];
    image.write_block(0, BLOCK, &block).unwrap();
    image.write_block(9000, BLOCK, &block).unwrap();
    image.write_block(17, BLOCK, &vec![0; BLOCK as usize]).unwrap();
    assert_eq!(std::fs::metadata(image.path()).unwrap().len(), 8 << 30);
    let taken = image.allocated().unwrap();
    assert!((2 * BLOCK..3 * BLOCK).contains(&taken), "{taken}");
    // A block of zeros over data gives its space back.
    image.write_block(0, BLOCK, &vec![0; BLOCK as usize]).unwrap();
    let taken = image.allocated().unwrap();
    assert!((BLOCK..2 * BLOCK).contains(&taken), "{taken}");
    use std::os::unix::fs::FileExt as _;
    let mut read = vec![1; 16];
    image.file().read_exact_at(&mut read, 100).unwrap();
    assert_eq!(read, [0; 16]);
    image.file().read_exact_at(&mut read, 9000 * BLOCK).unwrap();
    assert_eq!(read, [7; 16]);
}

#[test]
fn a_block_must_lie_in_the_volume() {
    let folder = tempfile::tempdir().unwrap();
    let image = Image::create(folder.path(), BLOCK + 1000).unwrap();
    image.write_block(1, BLOCK, &[1; 1000]).unwrap();
    for (index, length) in [(1, 1001), (2, 1), (u64::MAX, 1), (0, BLOCK as usize + 1)] {
        let error = image.write_block(index, BLOCK, &vec![1; length]).unwrap_err();
        assert!(matches!(error, Error::Block { .. }), "{error}");
    }
    assert_eq!(std::fs::metadata(image.path()).unwrap().len(), BLOCK + 1000);
}

#[test]
fn the_folder_goes_with_the_image_and_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Image::create(folder.path(), 1 << 20).unwrap(), Image::create(folder.path(), 1 << 20).unwrap());
    let inside = one.path().parent().unwrap().to_owned();
    assert_eq!(std::fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o700);
    drop(one);
    assert!(!inside.exists() && two.path().exists());
    drop(two);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_a_killed_run_left_is_swept_and_what_is_in_use_stays() {
    let folder = tempfile::tempdir().unwrap();
    let used = Image::create(folder.path(), 1 << 20).unwrap();
    let left = folder.path().join("lastgood-image-1-7");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("lock"), "").unwrap();
    std::fs::write(left.join("volume.img"), "x").unwrap();
    std::fs::create_dir(folder.path().join("other")).unwrap();
    sweep(folder.path()).unwrap();
    assert!(!left.exists() && used.path().exists() && folder.path().join("other").exists());
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = Image::create(&folder.path().join("nope"), 1).unwrap_err();
    assert!(error.to_string().contains("/nope`"), "{error}");
}
