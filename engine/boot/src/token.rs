//! Words nobody can have guessed or seen before, so that an answer proves that it is the answer to this question.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 32 hexadecimal digits. The standard library seeds `RandomState` from the system's random source, which is enough for
/// telling our own markers from other output; no secret depends on it.
pub(crate) fn token() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_are_long_and_differ() {
        let tokens: std::collections::BTreeSet<String> = (0..1000).map(|_| super::token()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|t| t.len() == 32 && t.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
