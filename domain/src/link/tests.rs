//! Every spelling that is read, every text that is not, and the way back from the canonical form.

use proptest::prelude::*;

use super::*;

fn name(name: &str, message: impl Into<Option<i64>>) -> Link {
    Link { chat: ChatLink::Username(name.into()), message: message.into().map(MessageId) }
}

fn id(id: i64, message: impl Into<Option<i64>>) -> Link {
    Link { chat: ChatLink::Id(PeerId(id)), message: message.into().map(MessageId) }
}

fn invite(hash: &str) -> Link {
    Link { chat: ChatLink::Invite(hash.into()), message: None }
}

#[test]
fn every_spelling_of_a_chat_and_its_posts_is_read() {
    for (text, link) in [
        ("@Durov", name("durov", None)),
        ("durov", name("durov", None)),
        ("durov/12", name("durov", 12)),
        ("t.me/durov", name("durov", None)),
        ("T.ME/DuRoV/", name("durov", None)),
        ("t.me/@durov", name("durov", None)),
        ("http://t.me/durov/123", name("durov", 123)),
        ("https://www.t.me/durov/123/", name("durov", 123)),
        ("//t.me/durov", name("durov", None)),
        ("https://t.me/durov/123?single", name("durov", 123)),
        ("https://t.me/durov/123?comment=45", name("durov", 123)),
        ("https://t.me/durov?start=1#top", name("durov", None)),
        ("https://t.me/s/durov", name("durov", None)),
        ("https://t.me/s/durov/5?q=a", name("durov", 5)),
        ("https://t.me/forum/7/8", name("forum", 8)),
        ("telegram.me/durov", name("durov", None)),
        ("https://telegram.dog/durov/1", name("durov", 1)),
        ("durov.t.me", name("durov", None)),
        ("https://Durov.t.me/15?x#y", name("durov", 15)),
        ("tg://resolve?domain=Durov", name("durov", None)),
        ("TG:resolve?post=9&Domain=durov", name("durov", 9)),
        ("tg://resolve/?domain=durov&post=9&single", name("durov", 9)),
        ("t.me/c/1234567890", id(1_234_567_890, None)),
        ("https://t.me/c/1234567890/45", id(1_234_567_890, 45)),
        ("https://t.me/c/1234567890/2/45?thread=2", id(1_234_567_890, 45)),
        ("tg://privatepost?channel=123&post=45", id(123, 45)),
        ("https://t.me/+AbCdEf_-0123456789", invite("AbCdEf_-0123456789")),
        ("t.me/%2BAbCdEf_-0123456789", invite("AbCdEf_-0123456789")),
        ("https://t.me/joinchat/AAAAAEHbEkejzxUjAUCfYg", invite("AAAAAEHbEkejzxUjAUCfYg")),
        ("tg://join?invite=AbCdEf_-01234567", invite("AbCdEf_-01234567")),
    ] {
        assert_eq!(text.parse(), Ok(link), "{text}");
    }
}

#[test]
fn what_stands_around_a_link_is_left_out() {
    for text in [
        "  @durov,\n",
        "«@durov»",
        "(https://t.me/durov).",
        "<t.me/durov>",
        "\"t.me/durov\"!",
        "\u{200b}\u{feff}@du\u{200d}rov\u{200e}",
        "[t.me/durov/]…",
        "**@durov**",
        "• t.me/durov;",
        "t.me/durov?",
    ] {
        assert_eq!(text.parse(), Ok(name("durov", None)), "{text:?}");
    }
    assert_eq!(
        "(t.me/+AbCdEf_-012345-_)".parse(),
        Ok(invite("AbCdEf_-012345-_")),
        "a hash ends in any of its letters"
    );
}

#[test]
fn what_leads_to_no_chat_says_why() {
    use LinkErrorKind as Kind;
    for (text, kind) in [
        ("", Kind::Empty),
        (" «»\u{200b}.", Kind::Empty),
        ("https://example.org/durov", Kind::NotTelegram),
        ("example.org", Kind::NotTelegram),
        ("https://t.me@example.org/durov", Kind::NotTelegram),
        ("https://durov", Kind::NotTelegram),
        ("mailto:durov", Kind::NotTelegram),
        ("https://t.me.example.org/durov", Kind::NotTelegram),
        ("https://t.me/", Kind::NotAChat),
        ("t.me/addstickers/Animals", Kind::NotAChat),
        ("t.me/share/url?url=x", Kind::NotAChat),
        ("t.me/Proxy?server=x", Kind::NotAChat),
        ("t.me/iv?url=x&rhash=y", Kind::NotAChat),
        ("t.me/boost/durov", Kind::NotAChat),
        ("t.me/durov/s/12", Kind::Number),
        ("t.me/durov/1/2/3", Kind::NotAChat),
        ("t.me/+79001234567", Kind::NotAChat),
        ("tg://resolve?phone=79001234567", Kind::NotAChat),
        ("tg://settings", Kind::NotAChat),
        ("@abc", Kind::Username),
        ("@1abc", Kind::Username),
        ("@_abcd", Kind::Username),
        ("t.me/abcd_", Kind::Username),
        ("t.me/ab__cd", Kind::Username),
        ("@дуров", Kind::Username),
        ("two words", Kind::Username),
        ("@a12345678901234567890123456789012", Kind::Username),
        ("t.me/joinchat", Kind::Invite),
        ("t.me/+short", Kind::Invite),
        ("tg://join", Kind::Invite),
        ("t.me/c", Kind::Number),
        ("t.me/c/abc/1", Kind::Number),
        ("t.me/durov/0", Kind::Number),
        ("t.me/durov/+1", Kind::Number),
        ("t.me/durov/99999999999999999999", Kind::Number),
    ] {
        assert_eq!(text.parse::<Link>().map_err(|error| error.kind), Err(kind), "{text}");
    }
}

#[test]
fn an_error_names_the_text_and_the_accepted_forms() {
    let error = "t.me/joinchat/".parse::<Link>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"t.me/joinchat/\" is no link to a chat: the invitation is incomplete; use @name, t.me/name, t.me/name/123, \
         t.me/c/123/45 or t.me/+hash"
    );
    assert_eq!("ж".repeat(500).parse::<Link>().unwrap_err().text, "ж".repeat(80) + "…");
}

/// Every link there can be.
fn links() -> impl Strategy<Value = Link> {
    let name = "[a-z](_?[a-z0-9]){3,15}".prop_map(ChatLink::Username);
    let message = proptest::option::of((1..=i64::MAX).prop_map(MessageId));
    let chat = prop_oneof![name, (1..=i64::MAX).prop_map(|id| ChatLink::Id(PeerId(id)))];
    prop_oneof![
        (chat, message).prop_map(|(chat, message)| Link { chat, message }),
        "[A-Za-z0-9_-]{16,22}".prop_map(|hash| Link { chat: ChatLink::Invite(hash), message: None }),
    ]
}

proptest! {
    #[test]
    fn a_link_reads_back_from_its_canonical_form(link in links()) {
        prop_assert_eq!(link.to_string().parse(), Ok(link));
    }

    #[test]
    fn no_text_makes_it_panic_and_what_is_read_is_normal(
        text in "\\PC*", near in "(tg:|https?://|@)?(t\\.me/|//)?[a-zA-Z0-9_+/?=&#:.%\u{200b}-]{0,40}",
    ) {
        for text in [text, near] {
            if let Ok(link) = text.parse::<Link>() {
                prop_assert_eq!(link.to_string().parse(), Ok(link));
            }
        }
    }
}
