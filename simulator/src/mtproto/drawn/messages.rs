//! Posts, their copies in the group, and the messages of readers and accounts, as `message`.

use domain::id::{MessageId, PeerId};
use grammers_tl_types::{enums, types};
use telegram::{Media, MessageSeen, PostSeen, ThreadMessageSeen};

use super::{Drawing, blank, channel_peer, date, wire_count, wire_id};
use crate::plan::WorldPlan;
use crate::world::{Chat, InGroup};

impl Drawing<'_> {
    /// What stands at an id of a chat: `messageEmpty` if nothing does.
    pub(in crate::mtproto) fn message(&mut self, chat: Chat, id: MessageId) -> enums::Message {
        self.standing_message(chat, id).unwrap_or_else(|| {
            self.meet(chat);
            enums::Message::Empty(types::MessageEmpty { id: wire_id(id), peer_id: Some(channel_peer(chat)) })
        })
    }

    /// What stands at an id of a chat, if anything does.
    pub(in crate::mtproto) fn standing_message(
        &mut self,
        chat: Chat,
        id: MessageId,
    ) -> Option<enums::Message> {
        match chat {
            Chat::Channel(index) => {
                let post = self.state.post_now(index, id, self.now)?;
                Some(self.post(index, &post))
            }
            Chat::Group(index) => match self.state.in_group(index, id, self.now)? {
                InGroup::Said(message, seen) => Some(self.said(index, &message, seen)),
                InGroup::Copied(post, seen) => Some(self.copied(index, id, &post, seen)),
            },
        }
    }

    /// A post in its channel.
    pub(in crate::mtproto) fn post(&mut self, channel: u32, post: &PostSeen) -> enums::Message {
        self.meet(Chat::Channel(channel));
        let replies = self.state.replies_to_post(channel, post.id);
        let comments = post.comments_open.then(|| comments(replies, Some(WorldPlan::group_peer(channel))));
        enums::Message::Message(types::Message {
            post: true,
            views: Some(wire_count(post.views)),
            forwards: Some(wire_count(post.forwards)),
            replies: comments,
            reactions: reactions(post.reactions),
            ..self.of_post(Chat::Channel(channel), post.id, post)
        })
    }

    /// A post's copy in the group.
    fn copied(
        &mut self,
        channel: u32,
        copy: MessageId,
        post: &PostSeen,
        seen: MessageSeen,
    ) -> enums::Message {
        self.meet(Chat::Group(channel));
        self.meet(Chat::Channel(channel));
        let from = channel_peer(Chat::Channel(channel));
        let forwarded = types::MessageFwdHeader {
            imported: false,
            saved_out: false,
            from_id: Some(from.clone()),
            from_name: None,
            date: date(post.published_at),
            channel_post: Some(wire_id(post.id)),
            post_author: None,
            saved_from_peer: Some(from.clone()),
            saved_from_msg_id: Some(wire_id(post.id)),
            saved_from_id: None,
            saved_from_name: None,
            saved_date: None,
            psa_type: None,
        };
        enums::Message::Message(types::Message {
            from_id: Some(from),
            fwd_from: Some(enums::MessageFwdHeader::Header(forwarded)),
            replies: Some(comments(seen.replies, None)),
            pinned: true,
            ..self.of_post(Chat::Group(channel), copy, post)
        })
    }

    fn of_post(&self, chat: Chat, id: MessageId, post: &PostSeen) -> types::Message {
        types::Message {
            message: post.text.clone(),
            media: post.media.first().map(|media| self.media(*media, id)),
            edit_date: post.edited_at.map(date),
            grouped_id: post.grouped,
            ..blank::message(wire_id(id), channel_peer(chat), date(post.published_at))
        }
    }

    /// A message in a group.
    pub(in crate::mtproto) fn said(
        &mut self,
        channel: u32,
        message: &ThreadMessageSeen,
        seen: MessageSeen,
    ) -> enums::Message {
        self.meet(Chat::Group(channel));
        let answers = types::MessageReplyHeader {
            reply_to_scheduled: false,
            forum_topic: false,
            quote: false,
            reply_to_ephemeral: false,
            reply_to_msg_id: Some(wire_id(message.answers)),
            reply_to_peer_id: None,
            reply_from: None,
            reply_media: None,
            reply_to_top_id: (message.answers != message.root).then(|| wire_id(message.root)),
            quote_text: None,
            quote_entities: None,
            quote_offset: None,
            todo_item_id: None,
            poll_option: None,
        };
        let from = self.peer(message.author);
        enums::Message::Message(types::Message {
            out: message.author == WorldPlan::account_peer(self.account),
            from_id: Some(from),
            reply_to: Some(enums::MessageReplyHeader::Header(answers)),
            message: message.text.clone(),
            replies: Some(comments(seen.replies, None)),
            reactions: reactions(seen.reactions),
            ..blank::message(wire_id(message.id), channel_peer(Chat::Group(channel)), date(message.sent_at))
        })
    }

    fn media(&self, media: Media, id: MessageId) -> enums::MessageMedia {
        let id = id.get();
        match media {
            Media::Photo => enums::MessageMedia::Photo(types::MessageMediaPhoto {
                spoiler: false,
                live_photo: false,
                photo: Some(enums::Photo::Empty(types::PhotoEmpty { id })),
                ttl_seconds: None,
                video: None,
            }),
            Media::Video => document(id, date(self.now), "video/mp4"),
            Media::Document => document(id, date(self.now), "application/pdf"),
        }
    }
}

fn document(id: i64, date: i32, mime_type: &str) -> enums::MessageMedia {
    let is_video = mime_type.starts_with("video/");
    let video = types::DocumentAttributeVideo {
        round_message: false,
        supports_streaming: true,
        nosound: false,
        duration: 10.0,
        w: 640,
        h: 360,
        preload_prefix_size: None,
        video_start_ts: None,
        video_codec: None,
    };
    let document = types::Document {
        id,
        access_hash: 1,
        file_reference: Vec::new(),
        date,
        mime_type: mime_type.to_owned(),
        size: 1_000,
        thumbs: None,
        video_thumbs: None,
        dc_id: 2,
        attributes: is_video.then_some(enums::DocumentAttribute::Video(video)).into_iter().collect(),
    };
    enums::MessageMedia::Document(types::MessageMediaDocument {
        nopremium: false,
        spoiler: false,
        video: is_video,
        round: false,
        voice: false,
        document: Some(enums::Document::Document(document)),
        alt_documents: None,
        video_cover: None,
        video_timestamp: None,
        ttl_seconds: None,
    })
}

/// How many messages answer; with the group, for a post whose comments are there.
fn comments(replies: u32, group: Option<PeerId>) -> enums::MessageReplies {
    enums::MessageReplies::Replies(types::MessageReplies {
        comments: group.is_some(),
        replies: wire_count(replies),
        replies_pts: 1,
        recent_repliers: None,
        channel_id: group.map(PeerId::get),
        max_id: None,
        read_max_id: None,
    })
}

/// Reactions of one kind, if there are any.
fn reactions(count: u32) -> Option<enums::MessageReactions> {
    let thumbs = enums::Reaction::Emoji(types::ReactionEmoji { emoticon: "👍".to_owned() });
    let count = types::ReactionCount {
        chosen_order: None,
        reaction: thumbs,
        count: Some(wire_count(count)).filter(|it| *it > 0)?,
    };
    Some(enums::MessageReactions::Reactions(types::MessageReactions {
        min: false,
        can_see_list: false,
        reactions_as_tags: false,
        results: vec![enums::ReactionCount::Count(count)],
        recent_reactions: None,
        top_reactors: None,
    }))
}
