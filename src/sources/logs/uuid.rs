//! Random ids of records and streams.

use std::io;

use crate::model::text::Text;

/// A random UUID (version 4), of the system's randomness.
///
/// # Errors
/// The system has none.
pub fn uuid() -> io::Result<Text> {
    let mut random = [0_u8; 16];
    getrandom::getrandom(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let all = u128::from_be_bytes(random);
    let all = (all & !(0xf << 76)) | (0x4 << 76);
    let all = (all & !(0b11 << 62)) | (0b10 << 62);
    let part = |shift: u32, mask: u128| (all >> shift) & mask;
    let (low, mid, high) = (part(96, 0xffff_ffff), part(80, 0xffff), part(64, 0xffff));
    let (clock, node) = (part(48, 0xffff), part(0, 0xffff_ffff_ffff));
    Ok(Text::from(format!("{low:08x}-{mid:04x}-{high:04x}-{clock:04x}-{node:012x}")))
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn a_uuid_is_random_and_says_so() {
        let all: std::collections::HashSet<_> = (0..1000).map(|_| uuid().unwrap()).collect();
        assert_eq!(all.len(), 1000, "each is another");
        for one in &all {
            let parts: Vec<&str> = one.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{one}");
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{one}");
        }
    }
}
