//! Every pair of state and event, and the ways a login ends.

use super::*;

const SENT: CodeSent = CodeSent { how: CodeRoute::App, length: Some(5) };
const LATER: Timestamp = Timestamp::from_secs(100);

fn shown() -> State {
    State::QrShown { url: "tg://login?token=AQ".into(), expires_at: LATER }
}

fn states() -> [State; 12] {
    let waiting = |before| State::Waiting { until: LATER, before: Box::new(before) };
    [
        State::Starting,
        State::CodeSent(SENT),
        State::CodeWrong { sent: SENT, tries_left: 2 },
        State::PasswordNeeded { hint: None },
        State::PasswordWrong { hint: None, tries_left: 2 },
        shown(),
        waiting(State::Starting),
        waiting(State::CodeSent(SENT)),
        State::Done(welcome()),
        State::Failed(Failure::Unreachable),
        State::Expired,
        State::Cancelled,
    ]
}

fn welcome() -> Welcome {
    Welcome { account: AccountId(1), is_new: true, missing_label: None }
}

fn events() -> [Event; 14] {
    [
        Event::CodeSent(SENT),
        Event::TypeCode,
        Event::CodeWrong,
        Event::AskPassword { hint: None },
        Event::TypePassword,
        Event::PasswordWrong,
        Event::Show { url: "tg://login?token=Ag".into(), expires_at: LATER },
        Event::QrOver,
        Event::Flood(LATER),
        Event::WaitOver,
        Event::Admit(welcome()),
        Event::Fail(Failure::Unreachable),
        Event::Cancel,
        Event::Expire,
    ]
}

/// Rows: [`states`]; columns: [`events`]; `-` is illegal. What is to be done stands behind the slash.
const TABLE: [&str; 12] = [
    "code_sent - - password_needed - - qr_shown/scan - waiting/resume - done/hang failed/hang cancelled/hang expired/hang",
    "- code_sent/code code_wrong password_needed - - - - waiting/resume - done/hang failed/hang cancelled/hang expired/hang",
    "- code_wrong/code code_wrong password_needed - - - - waiting/resume - done/hang failed/hang cancelled/hang expired/hang",
    "- - - - password_needed/password password_wrong - - waiting/resume - done/hang failed/hang cancelled/hang expired/hang",
    "- - - - password_wrong/password password_wrong - - waiting/resume - done/hang failed/hang cancelled/hang expired/hang",
    "- - - password_needed - - qr_shown/scan qr_shown/ask waiting/resume - done/hang failed/hang cancelled/hang expired/hang",
    "- - - - - - - - - starting/ask - failed/hang cancelled/hang expired/hang",
    "- - - - - - - - - code_sent - failed/hang cancelled/hang expired/hang",
    "- - - - - - - - - - - - - -",
    "- - - - - - - - - - - - - -",
    "- - - - - - - - - - - - - -",
    "- - - - - - - - - - - - - -",
];

fn described((state, effect): (State, Option<Effect>)) -> String {
    let effect = match effect {
        None => return state.name().to_owned(),
        Some(Effect::Ask) => "ask",
        Some(Effect::CheckCode) => "code",
        Some(Effect::CheckPassword) => "password",
        Some(Effect::AwaitScan(_)) => "scan",
        Some(Effect::Resume(_)) => "resume",
        Some(Effect::HangUp) => "hang",
    };
    format!("{}/{effect}", state.name())
}

#[test]
fn every_pair_of_login_state_and_event_does_what_the_table_says() {
    for (state, row) in states().iter().zip(TABLE) {
        for (event, expected) in events().into_iter().zip(row.split(' ')) {
            let verb = event.verb();
            let seen = step(state, event).map_or("-".to_owned(), described);
            assert_eq!(seen, expected, "{} must {verb}", state.name());
        }
    }
}

#[test]
fn a_login_ends_with_the_third_wrong_code_or_password() {
    let wrong = |begin: State, event: Event| {
        let mut names = Vec::new();
        let mut state = begin;
        while !state.is_final() {
            state = step(&state, event.clone()).unwrap().0;
            names.push(state.name());
        }
        (names, state)
    };
    let (names, end) = wrong(State::CodeSent(SENT), Event::CodeWrong);
    assert_eq!(names, ["code_wrong", "code_wrong", "failed"]);
    assert!(matches!(end, State::Failed(Failure::TooManyCodes)), "{end:?}");
    let (names, end) = wrong(State::PasswordNeeded { hint: None }, Event::PasswordWrong);
    assert_eq!(names, ["password_wrong", "password_wrong", "failed"]);
    assert!(matches!(end, State::Failed(Failure::TooManyPasswords)), "{end:?}");
}

#[test]
fn a_wait_leads_back_to_where_the_login_was() {
    let wrong = State::CodeWrong { sent: SENT, tries_left: 1 };
    let (waiting, effect) = step(&wrong, Event::Flood(LATER)).unwrap();
    assert_eq!(effect, Some(Effect::Resume(LATER)));
    let (back, effect) = step(&waiting, Event::WaitOver).unwrap();
    assert!(matches!(back, State::CodeWrong { tries_left: 1, .. }), "{back:?}");
    assert_eq!(effect, None);
    let (waiting, _) = step(&shown(), Event::Flood(LATER)).unwrap();
    let (back, effect) = step(&waiting, Event::WaitOver).unwrap();
    assert_eq!((back.name(), effect), ("qr_shown", Some(Effect::Ask)));
}

#[test]
fn what_a_qr_code_says_is_not_printed() {
    assert!(!format!("{:?}", shown()).contains("token"), "{:?}", shown());
}
