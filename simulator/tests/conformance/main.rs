//! What every door to a world must do, as the port documents it.
//!
//! The suite speaks only to `dyn Telegram`; what must happen meanwhile it asks of the world behind the door. A door of
//! another kind joins by one more module. `mtproto` is the whole way: the adapter, grammers, loopback, the MTProto door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it cannot go on"
)]

#[path = "../stage/mod.rs"]
mod stage;
mod suite;

/// Runs each case of the suite on each door.
macro_rules! conform {
    ($($case:ident),+ $(,)?) => {
        mod in_process {
            $(#[tokio::test]
            async fn $case() {
                crate::suite::$case(&crate::suite::Behind::in_process()).await;
            })+
        }

        mod mtproto {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::suite::$case(&crate::suite::Behind::mtproto().await).await;
            })+
        }
    };
}

conform!(
    a_session_opens_the_account_it_belongs_to,
    a_worthless_session_is_unauthorized,
    a_second_connection_closes_the_first,
    a_link_leads_to_its_channel_or_nowhere,
    rights_tell_members_and_administrators,
    history_answers_in_the_order_asked_with_holes,
    a_call_for_too_many_ids_is_refused,
    a_thread_begins_at_the_posts_copy_in_the_group,
    a_post_that_is_gone_or_closed_has_no_thread,
    a_comment_stands_where_it_was_put,
    a_repeated_random_id_never_writes_twice,
    an_answer_to_a_message_that_is_gone_is_refused,
    a_comment_that_was_removed_is_seen_to_be_gone,
    a_comment_is_found_also_when_its_post_is_gone,
    joining_twice_is_no_error,
    what_happens_in_a_channel_is_streamed,
    the_writer_of_a_comment_is_not_told_of_it_but_others_are,
    a_new_stream_replaces_the_old_one,
    a_lost_connection_ends_its_stream_and_a_new_one_works,
    a_revoked_session_counts_again_once_its_owner_logged_in,
);
