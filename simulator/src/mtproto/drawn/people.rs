//! Accounts and readers as `user` and `userFull`.

use domain::id::PeerId;
use grammers_tl_types::{enums, types};

use super::{Drawing, blank};
use crate::plan::WorldPlan;

impl Drawing<'_> {
    /// Somebody: the account itself in full, others by what they show.
    pub(super) fn user(&self, peer: PeerId) -> enums::User {
        let plan = self.state.plan();
        let is_self = peer == WorldPlan::account_peer(self.account);
        let identity = plan.account_index(peer).map(|index| self.state.identity(index));
        let (name, username) = match identity {
            Some(identity) => (identity.display_name, identity.username),
            None => (format!("Reader {}", peer.get()), None),
        };
        let min = self.min && !is_self;
        enums::User::User(types::User {
            is_self,
            min,
            access_hash: self.hash(peer, min),
            first_name: Some(name),
            username: username.filter(|_| !min),
            phone: is_self.then(|| crate::world::State::phone(self.account)),
            ..somebody(peer.get())
        })
    }

    /// The account itself in every detail.
    pub(in crate::mtproto) fn own_profile(&mut self) -> types::UserFull {
        self.meet_self();
        let about = self.state.identity(self.account).about;
        types::UserFull { about: Some(about), ..profile(WorldPlan::account_peer(self.account).get()) }
    }

    /// The account itself.
    pub(in crate::mtproto) fn own_user(&self) -> enums::User {
        self.user(WorldPlan::account_peer(self.account))
    }
}

const fn somebody(id: i64) -> types::User {
    types::User {
        is_self: false,
        contact: false,
        mutual_contact: false,
        deleted: false,
        bot: false,
        bot_chat_history: false,
        bot_nochats: false,
        verified: false,
        restricted: false,
        min: false,
        bot_inline_geo: false,
        support: false,
        scam: false,
        apply_min_photo: false,
        fake: false,
        bot_attach_menu: false,
        premium: false,
        attach_menu_enabled: false,
        bot_can_edit: false,
        close_friend: false,
        stories_hidden: false,
        stories_unavailable: true,
        contact_require_premium: false,
        bot_business: false,
        bot_has_main_app: false,
        bot_forum_view: false,
        bot_forum_can_manage_topics: false,
        bot_can_manage_bots: false,
        bot_guestchat: false,
        bot_guard: false,
        id,
        access_hash: None,
        first_name: None,
        last_name: None,
        username: None,
        phone: None,
        photo: None,
        status: None,
        bot_info_version: None,
        restriction_reason: None,
        bot_inline_placeholder: None,
        lang_code: None,
        emoji_status: None,
        usernames: None,
        stories_max_id: None,
        color: None,
        profile_color: None,
        bot_active_users: None,
        bot_verification_icon: None,
        send_paid_messages_stars: None,
        linked_community_id: None,
    }
}

const fn profile(id: i64) -> types::UserFull {
    types::UserFull {
        blocked: false,
        phone_calls_available: false,
        phone_calls_private: false,
        can_pin_message: true,
        has_scheduled: false,
        video_calls_available: false,
        voice_messages_forbidden: false,
        translations_disabled: false,
        stories_pinned_available: false,
        blocked_my_stories_from: false,
        wallpaper_overridden: false,
        contact_require_premium: false,
        read_dates_private: false,
        sponsored_enabled: false,
        can_view_revenue: false,
        bot_can_manage_emoji_status: false,
        display_gifts_button: false,
        noforwards_my_enabled: false,
        noforwards_peer_enabled: false,
        unofficial_security_risk: false,
        id,
        about: None,
        settings: blank::peer_settings(),
        personal_photo: None,
        profile_photo: None,
        fallback_photo: None,
        notify_settings: blank::no_notifications(),
        bot_info: None,
        pinned_msg_id: None,
        common_chats_count: 0,
        folder_id: None,
        ttl_period: None,
        theme: None,
        private_forward_name: None,
        bot_group_admin_rights: None,
        bot_broadcast_admin_rights: None,
        wallpaper: None,
        stories: None,
        business_work_hours: None,
        business_location: None,
        business_greeting_message: None,
        business_away_message: None,
        business_intro: None,
        birthday: None,
        personal_channel_id: None,
        personal_channel_message: None,
        stargifts_count: None,
        starref_program: None,
        bot_verification: None,
        send_paid_messages_stars: None,
        disallowed_gifts: None,
        stars_rating: None,
        stars_my_pending_rating: None,
        stars_my_pending_rating_date: None,
        main_tab: None,
        saved_music: None,
        note: None,
        bot_manager_id: None,
    }
}
