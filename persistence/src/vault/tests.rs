//! Sealed values by themselves: what opens, what does not, and what shows.

use secrecy::ExposeSecret as _;

use super::place::Place;
use super::seal::{open, seal, sealed_with};
use super::{KeyId, Vault, VaultKey};
use crate::error::VaultError;

const ROW: i64 = 7;
const SECRET: &[u8] = b"a session";

fn key(byte: u8) -> VaultKey {
    VaultKey::from_bytes([byte; 32])
}

fn sealed() -> Vec<u8> {
    seal(&key(1), Place::Session, ROW, SECRET).unwrap()
}

#[test]
fn what_was_sealed_opens_with_its_key_in_its_place_and_nowhere_else() {
    let sealed = sealed();
    assert_eq!(sealed_with(&sealed).unwrap(), key(1).id());
    assert_eq!(open(&key(1), Place::Session, ROW, &sealed).unwrap().expose_secret(), SECRET);
    let elsewhere = [
        open(&key(2), Place::Session, ROW, &sealed),
        open(&key(1), Place::Phone, ROW, &sealed),
        open(&key(1), Place::ProxyPassword, ROW, &sealed),
        open(&key(1), Place::Session, ROW + 1, &sealed),
    ];
    for refused in elsewhere {
        assert!(matches!(refused, Err(VaultError::Damaged)), "{refused:?}");
    }
}

#[test]
fn a_sealed_value_with_any_bit_changed_or_cut_off_does_not_open() {
    let sealed = sealed();
    for at in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[at / 8] ^= 1 << (at % 8);
        assert!(open(&key(1), Place::Session, ROW, &altered).is_err(), "bit {at}");
    }
    for length in 0..sealed.len() {
        assert!(open(&key(1), Place::Session, ROW, &sealed[..length]).is_err(), "{length} bytes");
    }
    assert!(matches!(sealed_with(b"\x02 another form"), Err(VaultError::Malformed)));
}

#[test]
fn the_same_secret_is_sealed_differently_each_time() {
    assert_ne!(sealed(), sealed());
    let empty = seal(&key(1), Place::Phone, ROW, b"").unwrap();
    assert_eq!(open(&key(1), Place::Phone, ROW, &empty).unwrap().expose_secret(), b"");
}

#[test]
fn a_key_is_sixty_four_hexadecimal_digits_and_shows_nothing_but_its_id() {
    let key = VaultKey::generate().unwrap();
    let digits = key.digits();
    let digits = digits.expose_secret();
    assert_eq!(digits.parse::<VaultKey>().unwrap().id(), key.id());
    assert_eq!(digits.to_uppercase().parse::<VaultKey>().unwrap().id(), key.id());
    for wrong in ["", &digits[1..], &format!("{digits}0"), &digits.replace(|_| true, "x")] {
        assert!(wrong.parse::<VaultKey>().is_err(), "{wrong:?}");
    }
    let vault = Vault::new(vec![key.clone()]).unwrap();
    let shown = format!("{vault:?} {key:?} {digits:?}", digits = key.digits());
    assert!(!shown.contains(digits) && shown.contains(&key.id().to_string()), "{shown}");
    assert_ne!(VaultKey::generate().unwrap().id(), key.id());
}

#[test]
fn the_id_of_a_key_never_changes() {
    assert_eq!(key(1).id().to_string(), "0cdf098b62d3d01f");
    assert_eq!("0cdf098b62d3d01f".parse::<KeyId>().unwrap(), key(1).id());
}
