//! Is a public point on its curve? Plain arithmetic, run once per key when a set is loaded.
//!
//! `WebCrypto` and the software verifier check this too, each in its own way and at its own moment;
//! here the verdict is the same everywhere, and a key off its curve never counts as usable. Nothing
//! secret is handled, so nothing needs constant time.

use super::Curve;

/// Little-endian 32-bit limbs: 544 bits, one limb more than P-521 needs for a carry.
type Number = [u32; 18];

struct Equation {
    prime: &'static str,
    /// `a` of y² = x³ + ax + b, as the number to take from the prime (3, or the prime itself for 0).
    minus_a: u32,
    b: &'static str,
}

/// Domain parameters: FIPS 186-4 §D.1.2 for the P-curves, SEC 2 §2.4.1 for secp256k1.
const fn equation(curve: Curve) -> Equation {
    match curve {
        Curve::P256 => Equation {
            prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            minus_a: 3,
            b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        },
        Curve::P384 => Equation {
            prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
            minus_a: 3,
            b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        },
        Curve::P521 => Equation {
            prime: "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            minus_a: 3,
            b: "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
        },
        Curve::Secp256k1 => Equation {
            prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
            minus_a: 0,
            b: "07",
        },
    }
}

/// Whether (`x`, `y`), big-endian, satisfies the curve's equation with both below the prime.
pub(super) fn contains(curve: Curve, x: &[u8], y: &[u8]) -> bool {
    let Equation { prime, minus_a, b } = equation(curve);
    let field = Field { prime: from_hex(prime) };
    let (x, y) = (from_bytes(x), from_bytes(y));
    if !less(&x, &field.prime) || !less(&y, &field.prime) {
        return false;
    }
    let mut linear = [0; 18];
    linear[0] = minus_a;
    let cube = field.times(&field.times(&x, &x), &x);
    let right = field.plus(&field.minus(&cube, &field.times(&linear, &x)), &from_hex(b));
    field.times(&y, &y) == right
}

struct Field {
    prime: Number,
}

impl Field {
    fn plus(&self, a: &Number, b: &Number) -> Number {
        let sum = add(a, b);
        if less(&sum, &self.prime) { sum } else { subtract(&sum, &self.prime) }
    }

    fn minus(&self, a: &Number, b: &Number) -> Number {
        if less(a, b) { subtract(&add(a, &self.prime), b) } else { subtract(a, b) }
    }

    /// Doubles and adds, from the highest bit down.
    fn times(&self, a: &Number, b: &Number) -> Number {
        let mut product = [0; 18];
        for limb in b.iter().rev() {
            for bit in (0..32).rev() {
                product = self.plus(&product, &product);
                if limb >> bit & 1 == 1 {
                    product = self.plus(&product, a);
                }
            }
        }
        product
    }
}

fn add(a: &Number, b: &Number) -> Number {
    let mut carry = false;
    let mut sum = [0; 18];
    for (limb, (a, b)) in sum.iter_mut().zip(a.iter().zip(b)) {
        let (partial, first) = a.overflowing_add(*b);
        let (total, second) = partial.overflowing_add(u32::from(carry));
        (*limb, carry) = (total, first | second);
    }
    sum
}

fn subtract(a: &Number, b: &Number) -> Number {
    let mut borrow = false;
    let mut difference = [0; 18];
    for (limb, (a, b)) in difference.iter_mut().zip(a.iter().zip(b)) {
        let (partial, first) = a.overflowing_sub(*b);
        let (total, second) = partial.overflowing_sub(u32::from(borrow));
        (*limb, borrow) = (total, first | second);
    }
    difference
}

fn less(a: &Number, b: &Number) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

fn from_hex(text: &str) -> Number {
    let digits = text.bytes().rev().map(|digit| char::from(digit).to_digit(16).unwrap_or(0));
    let mut number = [0; 18];
    for (index, digit) in digits.enumerate() {
        if let Some(limb) = number.get_mut(index >> 3) {
            *limb |= digit << ((index & 7) << 2);
        }
    }
    number
}

fn from_bytes(bytes: &[u8]) -> Number {
    let mut number = [0; 18];
    for (index, byte) in bytes.iter().rev().enumerate() {
        if let Some(limb) = number.get_mut(index >> 2) {
            *limb |= u32::from(*byte) << ((index & 3) << 3);
        }
    }
    number
}
