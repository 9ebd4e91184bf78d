use siphasher::sip::SipHasher24;

use super::RevocationName;

/// The number of random bytes in an [`Epoch`].
pub const EPOCH_BYTES: usize = 16;

/// The identity of one log: random bytes that it makes at its birth, and the key of its
/// [`Fingerprint`]s.
///
/// A copy that belongs to another epoch says nothing about this log. Because the bytes are secret,
/// nobody can choose a `jti` whose fingerprint is that of another token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch([u8; EPOCH_BYTES]);

/// A name of an entry in 40 bits, which fit a copy of the log: SipHash-2-4 of the name under the
/// log's [`Epoch`].
///
/// Two names may share a fingerprint, so that a fingerprint alone never refuses a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(u64);

/// The bits of a [`Fingerprint`].
const BITS: u32 = 40;

impl Epoch {
    /// The epoch with these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; EPOCH_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; EPOCH_BYTES] {
        &self.0
    }

    /// The fingerprint of a name.
    #[must_use]
    pub fn fingerprint(&self, name: &RevocationName) -> Fingerprint {
        let hash = SipHasher24::new_with_key(&self.0).hash(&name.to_bytes());
        #[cfg(test)]
        if *self == Self::NARROW {
            return Fingerprint(hash >> (u64::BITS - 10));
        }
        Fingerprint(hash >> (u64::BITS - BITS))
    }

    /// An epoch whose fingerprints are so short that names share them.
    #[cfg(test)]
    pub(super) const NARROW: Self = Self([0x10; EPOCH_BYTES]);
}

impl Fingerprint {
    /// The fingerprint with this number; `None` if it has more than 40 bits.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        if number >> BITS == 0 { Some(Self(number)) } else { None }
    }

    /// Its number, of 40 bits.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::RevocationKind;
    use super::*;

    const EPOCH: Epoch = Epoch::new(*b"0123456789abcdef");

    #[test]
    fn a_fingerprint_has_40_bits_and_depends_on_name_and_epoch() {
        let name = |value| RevocationName::new(RevocationKind::Token, "https://a", value);
        let one = EPOCH.fingerprint(&name("x"));
        assert_eq!(Fingerprint::new(one.number()), Some(one));
        assert_ne!(one, EPOCH.fingerprint(&name("y")));
        assert_ne!(one, Epoch::new([7; 16]).fingerprint(&name("x")));
        assert_eq!(one, EPOCH.fingerprint(&name("x")));
        assert_eq!(Fingerprint::new(1 << 40), None);
        assert!(Fingerprint::new((1 << 40) - 1).is_some());
    }
}
