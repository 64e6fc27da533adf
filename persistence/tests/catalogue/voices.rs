//! Voices and their templates.

use domain::comment::Intent;
use domain::disclosure::Label;
use domain::id::VoiceId;
use domain::spintax::SpintaxErrorKind;
use persistence::StoreError;
use persistence::catalogue::{TemplateChange, VoiceChange, VoiceSettings};
use testkit::{Scene, Sketch};

use super::{done, editor, neighbours};

fn settings(name: &str) -> VoiceSettings {
    VoiceSettings {
        name: name.to_owned(),
        language: "ru".to_owned(),
        tone: "спокойный".to_owned(),
        vocabulary: vec!["трамвай".to_owned()],
        rules: vec!["Никогда не спорит".to_owned()],
        label: None,
    }
}

async fn voice_of(store: &persistence::Store, scene: &Scene) -> VoiceId {
    store.campaign(scene.project, scene.campaign).await.unwrap().settings.voice.unwrap()
}

testkit::on_every_database! {
    async fn a_voice_is_added_changed_and_removed_by_whoever_saw_its_version(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch::default()).await;
        let id = store.add_voice(editor(&here), &settings("Calm")).await.unwrap();
        let added = store.voice(here.project, id).await.unwrap();
        assert_eq!((added.settings, added.version, added.templates), (settings("Calm"), 1, 0));
        let label = Label::new("Команда").unwrap();
        let change = VoiceChange { label: Some(Some(label.clone())), rules: Some(Vec::new()), ..VoiceChange::default() };
        store.change_voice(editor(&here), id, &change, Some(1)).await.unwrap();
        let changed = store.voice(here.project, id).await.unwrap();
        let expected = VoiceSettings { label: Some(label), rules: Vec::new(), ..settings("Calm") };
        assert_eq!((changed.settings, changed.version), (expected, 2));
        let late = store.change_voice(editor(&here), id, &change, Some(1)).await;
        assert!(matches!(late, Err(StoreError::Stale { .. })), "{late:?}");
        for foreign in [
            store.change_voice(editor(&there), id, &change, None).await,
            store.remove_voice(editor(&there), id).await,
            store.voice(there.project, id).await.map(drop),
            store.repertoire(there.project, id).await.map(drop),
        ] {
            assert!(matches!(foreign, Err(StoreError::NotFound { what: "voice", .. })), "{foreign:?}");
        }
        let taken = store.add_voice(editor(&here), &settings("Calm")).await;
        assert!(matches!(taken, Err(StoreError::Taken { .. })), "{taken:?}");
        store.remove_voice(editor(&here), id).await.unwrap();
        let subject = format!("voice:{id}");
        let expected = ["voice.deleted", "voice.updated", "voice.created"];
        assert_eq!(done(store, &here, 3).await, expected.map(|action| (action.to_owned(), subject.clone())));
        assert_eq!(store.list_voices(here.project, None, 10).await.unwrap().len(), 1);
    }

    async fn a_voice_that_a_campaign_speaks_in_is_not_removed(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let voice = voice_of(store, &scene).await;
        let refused = store.remove_voice(editor(&scene), voice).await;
        assert!(matches!(refused, Err(StoreError::Needed { .. })), "{refused:?}");
        assert_eq!(store.repertoire(scene.project, voice).await.unwrap().templates.len(), 2);
    }

    async fn a_broken_template_is_refused_with_the_place_of_its_fault(db: &Database) {
        let store = db.store();
        let scene = Scene::new(store, &Sketch::default()).await.unwrap();
        let voice = voice_of(store, &scene).await;
        let template = store.add_template(editor(&scene), voice, Intent::Opener, "{Да|Нет}").await.unwrap();
        let body = Some("Ёж\n{да|нет".to_owned());
        let change = TemplateChange { body, ..TemplateChange::default() };
        for refused in [
            store.add_template(editor(&scene), voice, Intent::Opener, "Ёж\n{да|нет").await.map(drop),
            store.change_template(editor(&scene), (voice, template), &change, None).await,
        ] {
            let Err(StoreError::Template { source, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!((source.kind, source.line, source.column), (SpintaxErrorKind::Unclosed, 2, 1));
        }
        assert_eq!(store.template(scene.project, voice, template).await.unwrap().body, "{Да|Нет}");
    }

    async fn templates_are_listed_by_intent_changed_and_removed_within_their_voice(db: &Database) {
        let store = db.store();
        let (here, there) = neighbours(store, &Sketch::default()).await;
        let voice = voice_of(store, &here).await;
        let added = store.add_template(editor(&here), voice, Intent::Answer, "{$question}?").await.unwrap();
        let list = async |intent| {
            let listed = store.list_templates(here.project, voice, intent, None, 10).await.unwrap();
            listed.into_iter().map(|template| template.body).collect::<Vec<_>>()
        };
        assert_eq!(list(None).await, ["{$question}?", "Thank you.", "What do you think?"]);
        assert_eq!(list(Some(Intent::Answer)).await, ["{$question}?", "Thank you."]);
        let change = TemplateChange { intent: Some(Intent::FollowUp), ..TemplateChange::default() };
        store.change_template(editor(&here), (voice, added), &change, Some(1)).await.unwrap();
        assert_eq!(list(Some(Intent::FollowUp)).await, ["{$question}?"]);
        let late = store.change_template(editor(&here), (voice, added), &change, Some(1)).await;
        assert!(matches!(late, Err(StoreError::Stale { .. })), "{late:?}");

        let other = store.add_voice(editor(&here), &settings("Other")).await.unwrap();
        for (project, voice) in [(here.project, other), (there.project, voice)] {
            let editor = persistence::catalogue::Editor { project, ..editor(&here) };
            let changed = store.change_template(editor, (voice, added), &change, None).await;
            assert!(matches!(changed, Err(StoreError::NotFound { .. })), "{changed:?}");
            let removed = store.remove_template(editor, voice, added).await;
            assert!(matches!(removed, Err(StoreError::NotFound { .. })), "{removed:?}");
            let read = store.template(project, voice, added).await;
            assert!(matches!(read, Err(StoreError::NotFound { what: "template", .. })), "{read:?}");
        }
        store.remove_template(editor(&here), voice, added).await.unwrap();
        assert_eq!(list(Some(Intent::FollowUp)).await, Vec::<String>::new());
    }
}
