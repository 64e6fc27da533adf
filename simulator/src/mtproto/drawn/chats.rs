//! Channels and their groups as `channel`, `channelFull` and `dialog`.

use domain::link::ChatLink;
use grammers_tl_types::{enums, types};
use telegram::{Found, TelegramError};

use super::{Drawing, blank, channel_peer, date, wire_count, wire_id};
use crate::plan::WorldPlan;
use crate::world::Chat;

impl Drawing<'_> {
    /// A channel or a group.
    pub(super) fn chat(&self, chat: Chat) -> enums::Chat {
        let state = self.state;
        let index = chat.index();
        let found = self.found(index).ok();
        let (title, username, members) =
            found.map_or((String::new(), None, None), |found| (found.title, found.username, found.members));
        let is_group = matches!(chat, Chat::Group(_));
        let administers = state.administers(self.account, index);
        let peer = chat.peer();
        enums::Chat::Channel(types::Channel {
            left: !state.is_in(self.account, chat),
            broadcast: !is_group,
            megagroup: is_group,
            min: self.min,
            has_link: true,
            slowmode_enabled: is_group && state.slow_mode(index).is_some(),
            join_to_send: is_group && state.join_to_send(index),
            access_hash: self.hash(peer, self.min),
            username: username.filter(|_| !is_group),
            admin_rights: administers.then(blank::admin_rights),
            participants_count: members.map(wire_count),
            ..channel(peer.get(), title, date(state.plan().start))
        })
    }

    /// A channel or a group in every detail.
    pub(in crate::mtproto) fn full_chat(&mut self, chat: Chat) -> Result<types::ChannelFull, TelegramError> {
        let index = chat.index();
        let found = self.found(index)?;
        let (linked, slow) = match chat {
            Chat::Channel(_) => (Chat::Group(index), None),
            Chat::Group(_) => (Chat::Channel(index), self.state.slow_mode(index)),
        };
        self.meet(chat);
        self.meet(linked);
        let speaks_as =
            self.state.administers(self.account, index).then(|| channel_peer(Chat::Channel(index)));
        let is_group = matches!(chat, Chat::Group(_));
        Ok(types::ChannelFull {
            about: if is_group { String::new() } else { found.about },
            participants_count: found.members.map(wire_count),
            linked_chat_id: Some(linked.peer().get()),
            slowmode_seconds: slow.and_then(|seconds| i32::try_from(seconds).ok()),
            pts: self.pts(chat),
            default_send_as: speaks_as.filter(|_| is_group),
            ..full(chat.peer().get())
        })
    }

    /// A chat in the list of conversations.
    pub(in crate::mtproto) fn dialog(&mut self, chat: Chat) -> enums::Dialog {
        self.meet(chat);
        enums::Dialog::Dialog(types::Dialog {
            pinned: false,
            unread_mark: false,
            view_forum_as_messages: false,
            peer: channel_peer(chat),
            top_message: wire_id(self.state.newest_in(chat)),
            read_inbox_max_id: 0,
            read_outbox_max_id: 0,
            unread_count: 0,
            unread_mentions_count: 0,
            unread_reactions_count: 0,
            unread_poll_votes_count: 0,
            notify_settings: blank::no_notifications(),
            pts: Some(self.pts(chat)),
            draft: None,
            folder_id: None,
            ttl_period: None,
        })
    }

    /// The `pts` of a chat now.
    pub(in crate::mtproto) fn pts(&self, chat: Chat) -> i32 {
        self.state.log(chat).map_or(1, crate::world::Log::pts)
    }

    fn found(&self, channel: u32) -> Result<Found, TelegramError> {
        self.state.resolve(self.account, &ChatLink::Id(WorldPlan::channel_peer(channel)))
    }
}

const fn channel(id: i64, title: String, date: i32) -> types::Channel {
    types::Channel {
        creator: false,
        left: false,
        broadcast: false,
        verified: false,
        megagroup: false,
        restricted: false,
        signatures: false,
        min: false,
        scam: false,
        has_link: false,
        has_geo: false,
        slowmode_enabled: false,
        call_active: false,
        call_not_empty: false,
        fake: false,
        gigagroup: false,
        noforwards: false,
        join_to_send: false,
        join_request: false,
        forum: false,
        stories_hidden: false,
        stories_hidden_min: false,
        stories_unavailable: true,
        signature_profiles: false,
        autotranslation: false,
        broadcast_messages_allowed: false,
        monoforum: false,
        forum_tabs: false,
        id,
        access_hash: None,
        title,
        username: None,
        photo: enums::ChatPhoto::Empty,
        date,
        restriction_reason: None,
        admin_rights: None,
        banned_rights: None,
        default_banned_rights: None,
        participants_count: None,
        usernames: None,
        stories_max_id: None,
        color: None,
        profile_color: None,
        emoji_status: None,
        level: None,
        subscription_until_date: None,
        bot_verification_icon: None,
        send_paid_messages_stars: None,
        linked_monoforum_id: None,
        linked_community_id: None,
    }
}

const fn full(id: i64) -> types::ChannelFull {
    types::ChannelFull {
        can_view_participants: false,
        can_set_username: false,
        can_set_stickers: false,
        hidden_prehistory: false,
        can_set_location: false,
        has_scheduled: false,
        can_view_stats: false,
        blocked: false,
        can_delete_channel: false,
        antispam: false,
        participants_hidden: false,
        translations_disabled: false,
        stories_pinned_available: false,
        view_forum_as_messages: false,
        restricted_sponsored: false,
        can_view_revenue: false,
        paid_media_allowed: false,
        can_view_stars_revenue: false,
        paid_reactions_available: false,
        stargifts_available: false,
        paid_messages_available: false,
        has_welcome_messages: false,
        id,
        about: String::new(),
        participants_count: None,
        admins_count: None,
        kicked_count: None,
        banned_count: None,
        online_count: None,
        read_inbox_max_id: 0,
        read_outbox_max_id: 0,
        unread_count: 0,
        chat_photo: enums::Photo::Empty(types::PhotoEmpty { id: 0 }),
        notify_settings: blank::no_notifications(),
        exported_invite: None,
        bot_info: Vec::new(),
        migrated_from_chat_id: None,
        migrated_from_max_id: None,
        pinned_msg_id: None,
        stickerset: None,
        available_min_id: None,
        folder_id: None,
        linked_chat_id: None,
        location: None,
        slowmode_seconds: None,
        slowmode_next_send_date: None,
        stats_dc: None,
        pts: 1,
        call: None,
        ttl_period: None,
        pending_suggestions: None,
        groupcall_default_join_as: None,
        theme_emoticon: None,
        requests_pending: None,
        recent_requesters: None,
        default_send_as: None,
        available_reactions: None,
        reactions_limit: None,
        stories: None,
        wallpaper: None,
        boosts_applied: None,
        boosts_unrestrict: None,
        emojiset: None,
        bot_verification: None,
        stargifts_count: None,
        send_paid_messages_stars: None,
        main_tab: None,
        guard_bot_id: None,
    }
}
