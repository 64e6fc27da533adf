//! The forms a proxy is written in, and what holds of every reassignment.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;
use crate::account::StatusName;
use crate::id::{AccountId, ProxyId};

/// `scheme host port user password`, with `-` for what is missing.
fn parts(address: &ProxyAddress) -> String {
    let ProxyAddress { scheme, host, port, credentials } = address;
    let (user, password) = credentials
        .as_ref()
        .map_or(("-", "-"), |given| (given.username.as_str(), given.password.expose_secret()));
    format!("{} {host} {port} {user} {password}", scheme.as_str())
}

#[test]
fn a_proxy_is_read_in_every_form_it_is_written_in() {
    for (text, expected) in [
        ("proxy.example:1080", "socks5 proxy.example 1080 - -"),
        ("10.0.0.1:1080:ann:secret", "socks5 10.0.0.1 1080 ann secret"),
        ("10.0.0.1:1080:ann:a:b@c", "socks5 10.0.0.1 1080 ann a:b@c"),
        ("[2001:db8::1]:1080", "socks5 2001:db8::1 1080 - -"),
        ("[::1]:1080:ann:secret", "socks5 ::1 1080 ann secret"),
        ("socks5://ann:secret@Proxy.Example:1080", "socks5 proxy.example 1080 ann secret"),
        ("SOCKS5H://proxy.example:1080", "socks5 proxy.example 1080 - -"),
        ("http://ann:p%40ss%3Aword@[::1]:8080/", "http ::1 8080 ann p@ss:word"),
        ("http://ann:p@ss@proxy.example:8080", "http proxy.example 8080 ann p@ss"),
        ("http://proxy.example:80", "http proxy.example 80 - -"),
    ] {
        let address: ProxyAddress = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parts(&address), expected, "{text}");
    }
}

#[test]
fn what_is_no_proxy_says_why() {
    use AddressError as E;
    for (text, expected) in [
        ("proxy.example", E::Form),
        ("[::1]1080", E::Form),
        ("http://proxy.example:80:ann:secret", E::Form),
        ("socks4://proxy.example:1080", E::Scheme),
        ("https://proxy.example:443", E::Scheme),
        (":1080", E::Host),
        ("прокси:1080", E::Host),
        ("[::g]:1080", E::Host),
        ("[::1:1080", E::Host),
        ("::1:1080", E::Host),
        ("proxy.example:", E::Port),
        ("proxy.example:0", E::Port),
        ("proxy.example:+80", E::Port),
        ("proxy.example:65536", E::Port),
        ("2001:db8::1:1080", E::Port),
        ("proxy.example:1080:ann", E::Credentials),
        ("proxy.example:1080::secret", E::Credentials),
        ("proxy.example:1080:ann:", E::Credentials),
        ("socks5://ann@proxy.example:1080", E::Credentials),
        ("socks5://ann:%ff@proxy.example:1080", E::Credentials),
        ("socks5://ann:%00@proxy.example:1080", E::Credentials),
        ("http://an%3An:secret@proxy.example:80", E::Colon),
    ] {
        assert_eq!(text.parse::<ProxyAddress>().map(|address| parts(&address)), Err(expected), "{text}");
    }
    let long = format!("proxy.example:1080:{}:secret", "a".repeat(256));
    assert_eq!(long.parse::<ProxyAddress>().map(drop), Err(E::Credentials));
}

#[test]
fn every_bad_line_of_a_list_is_named_by_its_number_and_nothing_is_taken() {
    let list = "\u{feff}# ours\n\nproxy.example:1080 # the first\n  \nproxy.example\nsocks5://proxy.example:1080\r\n\
                other.example:99999\n\t# end";
    let bad = parse_list(list).unwrap_err();
    assert_eq!(
        bad.to_string(),
        "line 5: use host:port, host:port:user:password or scheme://user:password@host:port; \
         line 6: line 3 is the same proxy; line 7: the port is a whole number from 1 to 65535"
    );
    let listed = parse_list("# ours\n\na.example:1\r\nb.example:2:ann:se#cret  # why\n").unwrap();
    let read: Vec<_> = listed.iter().map(|listed| (listed.line, parts(&listed.address))).collect();
    let expected = [(3, "socks5 a.example 1 - -"), (4, "socks5 b.example 2 ann se#cret")];
    assert_eq!(read, expected.map(|(line, text)| (line, text.to_owned())));
}

#[test]
fn a_password_is_never_shown() {
    let address: ProxyAddress = "http://ann:hunter2@proxy.example:80".parse().unwrap();
    assert_eq!(address.to_string(), "http://ann@proxy.example:80");
    assert!(!format!("{address:?}").contains("hunter2"));
    let bad = parse_list("proxy.example:hunter2\nhunter2").unwrap_err();
    assert!(!format!("{bad} {bad:?}").contains("hunter2"));
}

#[test]
fn a_proxy_is_down_after_three_failures_in_a_row_and_up_after_one_answer() {
    let new = Health::default();
    let working = new.after(true);
    assert_eq!((working.works(), new.works()), (true, false));
    let twice = working.after(false).after(false);
    assert_eq!((twice.status, twice.works()), (Status::Up, false));
    assert_eq!(twice.after(false), Health { status: Status::Down, failures: 3 });
    assert_eq!(new.after(false).status, Status::Unknown);
    assert_eq!(twice.after(false).after(false).after(true), working);
    let every = Duration::from_secs(300);
    let looks = [working, twice, twice.after(false)].map(|health| health.look_again_after(every).as_secs());
    assert_eq!(looks, [300, 60, 300]);
}

fn any_health() -> impl Strategy<Value = Health> {
    (0..3_usize, 0..5_u32).prop_map(|(status, failures)| Health { status: Status::ALL[status], failures })
}

/// A project with up to 8 proxies and up to 3 accounts on each, in whatever conditions.
fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let place = (any_health(), prop::collection::vec(0..StatusName::ALL.len(), 0..=3));
    prop::collection::vec(place, 0..8).prop_map(|drawn| {
        let mut snapshot = Snapshot::default();
        for (number, (health, statuses)) in (1..).zip(drawn) {
            let proxy = ProxyId(number);
            snapshot.places.push(Place { proxy, health });
            for status in statuses {
                let account = AccountId(i64::try_from(snapshot.tenants.len()).unwrap());
                snapshot.tenants.push(Tenant { account, proxy, status: StatusName::ALL[status] });
            }
        }
        snapshot
    })
}

proptest! {
    #[test]
    fn an_account_moves_only_while_it_is_active_and_its_own_proxy_is_down(snapshot in any_snapshot()) {
        let tenants: HashMap<_, _> = snapshot.tenants.iter().map(|tenant| (tenant.account, tenant)).collect();
        let health: HashMap<_, _> = snapshot.places.iter().map(|place| (place.proxy, place.health)).collect();
        for step in reassign(&snapshot) {
            let tenant = tenants[&step.account];
            prop_assert_eq!((tenant.status, tenant.proxy), (StatusName::Active, step.from));
            prop_assert_eq!(health[&step.from].status, Status::Down);
            prop_assert!(health[&step.to].works());
        }
    }

    #[test]
    fn no_proxy_ever_gets_more_than_three_accounts_and_no_free_place_is_left_unused(snapshot in any_snapshot()) {
        let moves = reassign(&snapshot);
        let mut seats: BTreeMap<AccountId, ProxyId> =
            snapshot.tenants.iter().map(|tenant| (tenant.account, tenant.proxy)).collect();
        for step in &moves {
            prop_assert_eq!(seats.insert(step.account, step.to), Some(step.from));
        }
        let on = |proxy| seats.values().filter(|seat| **seat == proxy).count();
        prop_assert!(snapshot.places.iter().all(|place| on(place.proxy) <= usize::from(ACCOUNTS_PER_PROXY)));
        let mut after = snapshot.clone();
        for tenant in &mut after.tenants {
            tenant.proxy = seats[&tenant.account];
        }
        prop_assert_eq!(reassign(&after), [], "once it is done, nothing is left to do");
    }

    #[test]
    fn the_same_proxies_and_accounts_give_the_same_moves_in_whatever_order(
        snapshot in any_snapshot(),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut shuffled = snapshot.clone();
        shuffled.places.reverse();
        if !shuffled.tenants.is_empty() {
            let by = turn.index(shuffled.tenants.len());
            shuffled.tenants.rotate_left(by);
        }
        prop_assert_eq!(reassign(&shuffled), reassign(&snapshot));
    }

    #[test]
    fn any_name_and_password_pass_through_an_address(user in "[^\\p{Cc}:]{1,20}", password in "[^\\p{Cc}]{1,20}") {
        let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let text = format!("http://{}:{}@proxy.example:80", encode(&user), encode(&password));
        let address: ProxyAddress = text.parse().unwrap();
        prop_assert_eq!(parts(&address), format!("http proxy.example 80 {user} {password}"));
    }

    #[test]
    fn no_text_at_all_brings_the_reader_down(text in any::<String>()) {
        let _ = parse_list(&text).map(|listed| listed.len());
    }
}
