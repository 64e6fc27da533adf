//! The server's side of two-step verification: the password is proven without being shown.
//!
//! After core.telegram.org/api/srp. The world knows each password, so what a server would store (the verifier) is computed
//! when it is asked for. Salts and the server's exponent are the same every time: this is no server to keep secrets on.

use grammers_tl_types::{enums, types};
use hmac::Hmac;
use num_bigint::BigUint;
use sha2::{Digest as _, Sha256, Sha512};

const G: u8 = 3;
/// The 2048-bit safe prime that Telegram's servers use.
const P: &str = "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f\
                 6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a\
                 941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3\
                 144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff\
                 5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc\
                 5b";
const ROUNDS: u32 = 100_000;

/// A password that is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    salts: [[u8; 16]; 2],
    p: BigUint,
    verifier: BigUint,
    secret: BigUint,
}

impl Asked {
    pub(super) fn about(account: u32, password: &str) -> Self {
        let salt = |label: &[u8]| {
            let mut salt = [0; 16];
            salt.copy_from_slice(&hash(&[label, &account.to_be_bytes()])[..16]);
            salt
        };
        let salts = [salt(b"salt one"), salt(b"salt two")];
        let p = BigUint::parse_bytes(P.as_bytes(), 16).unwrap_or_default();
        let x = BigUint::from_bytes_be(&password_hash(password.as_bytes(), &salts));
        let verifier = BigUint::from(G).modpow(&x, &p);
        let secret = BigUint::from_bytes_be(&hash(&[b"exponent", &account.to_be_bytes()]));
        Self { salts, p, verifier, secret }
    }

    /// How the client is to compute its proof.
    pub(super) fn algorithm(&self) -> enums::PasswordKdfAlgo {
        let [salt1, salt2] = self.salts.map(|salt| salt.to_vec());
        let p = self.p.to_bytes_be();
        types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow {
            salt1,
            salt2,
            g: i32::from(G),
            p,
        }
        .into()
    }

    /// The server's public value.
    pub(super) fn b(&self) -> Vec<u8> {
        let k = BigUint::from_bytes_be(&hash(&[&padded(&self.p), &padded(&BigUint::from(G))]));
        let public = k * &self.verifier + BigUint::from(G).modpow(&self.secret, &self.p);
        padded(&(public % &self.p)).to_vec()
    }

    /// Whether a client that sent `a` proved with `m1` that it knows the password.
    pub(super) fn is_proven_by(&self, a: &[u8], m1: &[u8]) -> bool {
        let public = BigUint::from_bytes_be(a);
        if public == BigUint::ZERO || public >= self.p {
            return false;
        }
        let (a, b, g) = (padded(&public), self.b(), padded(&BigUint::from(G)));
        let u = BigUint::from_bytes_be(&hash(&[&a, &b]));
        let shared = (public * self.verifier.modpow(&u, &self.p)).modpow(&self.secret, &self.p);
        let key = hash(&[&padded(&shared)]);
        let (p, g) = (hash(&[&padded(&self.p)]), hash(&[&g]));
        let both: Vec<u8> = p.iter().zip(g).map(|(p, g)| p ^ g).collect();
        let [one, two] = self.salts.map(|salt| hash(&[&salt]));
        hash(&[&both, &one, &two, &a, &b, &key])[..] == *m1
    }
}

/// `PH2(password, salt1, salt2)`.
fn password_hash(password: &[u8], [one, two]: &[[u8; 16]; 2]) -> [u8; 32] {
    let salted = |data: &[u8], salt: &[u8]| hash(&[salt, data, salt]);
    let first = salted(&salted(password, one), two);
    let mut stretched = [0; 64];
    // The only error is a length that a hash of this size cannot have.
    let _ = pbkdf2::pbkdf2::<Hmac<Sha512>>(&first, one, ROUNDS, &mut stretched);
    salted(&stretched, two)
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// A number in 256 bytes.
fn padded(number: &BigUint) -> [u8; 256] {
    let (mut bytes, digits) = ([0; 256], number.to_bytes_be());
    if let Some(end) = bytes.len().checked_sub(digits.len()) {
        bytes[end..].copy_from_slice(&digits);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use grammers_crypto::two_factor_auth::{calculate_2fa, check_p_and_g};

    use super::*;

    #[test]
    fn a_client_proves_the_password_and_no_other() {
        let asked = Asked::about(3, "correct");
        assert!(check_p_and_g(&asked.p.to_bytes_be(), &3));
        let proof = |password: &str| {
            let [one, two] = asked.salts;
            calculate_2fa(&one, &two, &asked.p.to_bytes_be(), &3, asked.b(), vec![9; 256], password)
        };
        let (m1, a) = proof("correct");
        assert!(asked.is_proven_by(&a, &m1));
        let (m1, a) = proof("wrong");
        assert!(!asked.is_proven_by(&a, &m1));
        assert!(!asked.is_proven_by(&[], &m1) && !asked.is_proven_by(&[0xff; 256], &m1));
    }
}
