//! The whole table of states and events, and random lives that must not leave it.

use proptest::prelude::*;

use super::*;
use crate::disclosure::{Label, sign};

fn slot() -> Slot {
    let signed = sign("text", &Label::new("label").unwrap()).unwrap();
    Slot { revision: Revision(1), due_at: Timestamp::from_secs(9), random_id: RandomId(5), signed }
}

fn delivery() -> Delivery {
    Delivery { message_id: MessageId(3), sent_at: Timestamp::from_secs(10) }
}

fn every_state() -> Vec<State> {
    let one = Revision(1);
    vec![
        State::Planned,
        State::Skipped(SkipReason::NoConsent),
        State::Drafted(one),
        State::Rejected(one),
        State::Approved(one),
        State::Void(one),
        State::Scheduled(slot()),
        State::Sending(slot()),
        State::Sent(delivery()),
        State::Unknown(slot()),
        State::Refused("X".into()),
        State::Expired,
        State::Visible(delivery()),
        State::Removed(delivery()),
    ]
}

fn every_event() -> Vec<Event> {
    vec![
        Event::Draft(Revision(2)),
        Event::Approve(Revision(1)),
        Event::Reject(Revision(1)),
        Event::Invalidate,
        Event::Schedule(slot()),
        Event::Begin,
        Event::Defer(Timestamp::from_secs(99)),
        Event::Confirm(delivery()),
        Event::Refuse("X".into()),
        Event::LoseTrack,
        Event::Expire,
        Event::Skip(SkipReason::Cancelled),
        Event::SeeVisible,
        Event::SeeRemoved,
        Event::Reopen(Revision(1)),
    ]
}

/// Rows: states in the order of [`StateName::ALL`]; columns: events in the order of [`every_event`]; `-` is illegal.
const TABLE: [&str; 14] = [
    "drafted - - - - - - - - - expired skipped - - -",
    "- - - - - - - - - - - - - - -",
    "drafted approved rejected - - - - - - - expired skipped - - -",
    "- - - - - - - - - - - - - - -",
    "- - - void scheduled - - - - - expired skipped - - -",
    "drafted approved rejected - - - - - - - expired skipped - - -",
    "- - - void - sending scheduled - refused - expired skipped - - -",
    "- - - - - sending scheduled sent refused unknown - - - - -",
    "- - - - - - - - - - - - visible removed -",
    "- - - - - sending - sent refused unknown - - - - -",
    "- - - - - - - - - - - - - - drafted",
    "- - - - - - - - - - - - - - drafted",
    "- - - - - - - - - - - - visible removed -",
    "- - - - - - - - - - - - - - -",
];

#[test]
fn every_pair_of_state_and_event_does_what_the_table_says() {
    let states = every_state();
    assert_eq!(states.iter().map(State::name).collect::<Vec<_>>(), StateName::ALL);
    for (state, row) in states.iter().zip(TABLE) {
        for (event, expected) in every_event().into_iter().zip(row.split(' ')) {
            let verb = event.verb();
            let name = step(state, event).map_or("-", |(next, _)| next.name().as_str());
            assert_eq!(name, expected, "{} must {verb}", state.name());
        }
    }
}

#[test]
fn an_approval_is_for_one_revision_only() {
    let drafted = State::Drafted(Revision(2));
    assert!(step(&drafted, Event::Approve(Revision(1))).is_err());
    assert!(step(&drafted, Event::Draft(Revision(2))).is_err(), "a rewrite is a new revision");
    assert!(step(&State::Approved(Revision(2)), Event::Schedule(slot())).is_err());
}

#[test]
fn text_and_random_id_stay_as_scheduled() {
    let (deferred, _) = step(&State::Sending(slot()), Event::Defer(Timestamp::from_secs(70))).unwrap();
    assert_eq!(deferred, State::Scheduled(Slot { due_at: Timestamp::from_secs(70), ..slot() }));
}

#[test]
fn a_final_state_admits_nothing_but_looks_and_another_chance() {
    for state in every_state().iter().filter(|state| state.name().is_final()) {
        for event in every_event() {
            let look = matches!(event, Event::SeeVisible | Event::SeeRemoved);
            let chance = matches!(event, Event::Reopen(_));
            let admitted = look && state.name() == StateName::Visible
                || chance && matches!(state, State::Refused(_) | State::Expired);
            assert_eq!(step(state, event).is_ok(), admitted);
        }
    }
}

#[test]
fn another_chance_begins_with_a_review_or_without_a_text_with_a_draft() {
    let (drafted, effects) = step(&State::Expired, Event::Reopen(Revision(3))).unwrap();
    assert_eq!(
        (drafted, effects),
        (State::Drafted(Revision(3)), vec![Effect::Emit(EventType::CommentDrafted)])
    );
    let (planned, effects) = step(&State::Refused("X".into()), Event::Reopen(Revision(0))).unwrap();
    assert_eq!((planned, effects), (State::Planned, vec![Effect::Write]));
}

/// Any event, with any small revision and `random_id`; those on the way to a send more often than those that end it.
fn any_event() -> impl Strategy<Value = Event> {
    let forward = (1..3_u32, any::<i64>(), 0..4).prop_map(|(revision, random_id, step)| {
        let revision = Revision(revision);
        match step {
            0 => Event::Draft(revision),
            1 => Event::Approve(revision),
            2 => Event::Schedule(Slot { revision, random_id: RandomId(random_id), ..slot() }),
            _ => Event::Begin,
        }
    });
    prop_oneof![8 => forward, 1 => prop::sample::select(every_event())]
}

/// What is fixed from scheduling on: all of the slot but its moment.
fn fixed(state: &State) -> Option<Slot> {
    if let State::Scheduled(slot) | State::Sending(slot) | State::Unknown(slot) = state {
        Some(Slot { due_at: Timestamp::EPOCH, ..slot.clone() })
    } else {
        None
    }
}

proptest! {
    #[test]
    fn whatever_happens_only_the_approved_revision_is_sent_and_under_one_random_id(
        events in prop::collection::vec(any_event(), 0..80),
    ) {
        let (mut state, _) = plan();
        let mut approved = None;
        for event in events {
            let asked = event.clone();
            let Ok((next, _)) = step(&state, event) else { continue };
            if let Event::Approve(revision) = asked {
                approved = Some(revision);
            } else if matches!(asked, Event::Draft(_) | Event::Invalidate | Event::Reopen(_)) {
                approved = None;
            }
            if let Some(slot) = fixed(&next) {
                prop_assert_eq!(Some(slot.revision), approved);
                let before = fixed(&state);
                prop_assert!(before.is_none_or(|before| before == slot), "{:?} changed to {:?}", state, next);
            }
            if let State::Sent(_) = next {
                let begun = matches!(state, State::Sending(_) | State::Unknown(_));
                prop_assert!(begun, "sent from {:?}", state);
            }
            let reopened = matches!(asked, Event::Reopen(_));
            prop_assert!(!state.name().is_final() || state.name() == StateName::Visible || reopened);
            state = next;
        }
    }
}
