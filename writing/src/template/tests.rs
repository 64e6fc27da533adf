//! Drafts from templates: what they quote, when one gives way to the next, and texts of any script.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use domain::disclosure::{Label, sign};
use domain::seed::Seed;
use domain::text::MESSAGE_LIMIT;
use proptest::prelude::*;

use super::*;

fn request(templates: &[&str], post: &str, question: Option<&str>) -> Request {
    Request {
        intent: if question.is_some() { Intent::Answer } else { Intent::Opener },
        templates: templates.iter().map(|source| (*source).to_owned()).collect(),
        channel: "Новости".into(),
        post: post.into(),
        question: question.map(str::to_owned),
        label: Label::new("команда канала").unwrap(),
        seed: Seed(7),
    }
}

/// The template writer answers at once: one poll is enough.
fn write(request: &Request) -> Result<Option<String>, WriterError> {
    let mut answer = pin!(TemplateWriter.write(request));
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(written) => written.map(|draft| draft.map(|draft| draft.text)),
        Poll::Pending => panic!("a template needs no waiting"),
    }
}

fn written(templates: &[&str], post: &str, question: Option<&str>) -> Option<String> {
    write(&request(templates, post, question)).unwrap()
}

#[test]
fn variables_are_filled_from_the_post_the_channel_and_the_question() {
    let post = "Вышло большое обновление. Подробности позже!";
    assert_eq!(
        written(&["{$channel}: {$sentence}"], post, None).unwrap(),
        "Новости: Вышло большое обновление"
    );
    assert_eq!(written(&["«{$topic}»"], post, None).unwrap(), "«обновление»");
    assert_eq!(written(&["{$question}"], post, Some("А где\nскачать?")).unwrap(), "А где скачать?");
}

#[test]
fn a_hashtag_is_the_topic_before_any_word() {
    assert_eq!(written(&["{$topic}"], "Обновление 😀 #open_source #rust", None).unwrap(), "open source");
    assert_eq!(written(&["{$topic}"], "# Заголовок дня", None).unwrap(), "Заголовок");
}

#[test]
fn templates_with_a_question_answer_and_the_others_open() {
    let templates = ["opens", "answers {$question}"];
    for seed in 0..20 {
        let opener = Request { seed: Seed(seed), ..request(&templates, "post", None) };
        assert_eq!(write(&opener).unwrap().unwrap(), "opens");
        let answer = Request { seed: Seed(seed), ..request(&templates, "post", Some("why?")) };
        assert_eq!(write(&answer).unwrap().unwrap(), "answers why?");
    }
    assert_eq!(written(&["opens"], "post", Some("why?")), None);
    let forgotten = Request { question: None, ..request(&templates, "post", Some("why?")) };
    assert_eq!(write(&forgotten).unwrap(), None, "the reader's text is not kept any more");
    assert_eq!(written(&[], "post", None), None);
}

#[test]
fn every_template_gets_its_turn() {
    let drawn: std::collections::BTreeSet<_> = (0..100)
        .map(|seed| write(&Request { seed: Seed(seed), ..request(&["a", "b", "c"], "post", None) }).unwrap())
        .collect();
    assert_eq!(drawn.len(), 3);
}

#[test]
fn a_template_that_does_not_fit_gives_way() {
    let long = "x".repeat(MESSAGE_LIMIT);
    let templates = ["about {$topic}", " {|} \u{200b}", &long, "fits"];
    for seed in 0..20 {
        let wordless = Request { seed: Seed(seed), ..request(&templates, "🔥🔥🔥", None) };
        assert_eq!(write(&wordless).unwrap().unwrap(), "fits");
    }
    assert_eq!(written(&templates[..3], "🔥🔥🔥", None), None);
}

#[test]
fn the_room_above_the_label_is_counted_in_utf16_units() {
    let label = Label::new("l").unwrap();
    let fits = "👍".repeat(label.room() / 2);
    let too_long = fits.clone() + "👍";
    let ask = |template: &str| {
        write(&Request { label: label.clone(), ..request(&[template], "post", None) }).unwrap()
    };
    assert_eq!(ask(&fits), Some(fits.clone()));
    assert_eq!(ask(&too_long), None);
}

#[test]
fn a_broken_template_is_named_with_its_place() {
    let error = write(&request(&["fine", "{broken"], "post", None)).unwrap_err();
    assert_eq!(error.to_string(), "template 2 of the voice is broken");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "line 1, column 1: this { is never closed");
}

#[test]
fn quotations_carry_no_links_no_mentions_and_no_direction_controls() {
    let question = "Зайдите на https://spam.example T.me/spam @spam \u{202e}и где скачать?";
    assert_eq!(written(&["{$question}"], "", Some(question)).unwrap(), "Зайдите на и где скачать?");
}

#[test]
fn right_to_left_text_is_isolated() {
    assert_eq!(written(&["«{$sentence}»"], "شكرا لكم. مرحبا", None).unwrap(), "«\u{2068}شكرا لكم\u{2069}»");
    assert_eq!(written(&["«{$topic}»"], "שלום עולם", None).unwrap(), "«\u{2068}שלום\u{2069}»");
}

#[test]
fn sentences_end_where_readers_would_end_them() {
    for (post, sentence) in [
        ("\n\n🔥\nПервая строка\nвторая", "Первая строка"),
        ("1. Первый пункт. Второй", "1. Первый пункт"),
        ("Версия 2.0 вышла! Ура", "Версия 2.0 вышла!"),
        ("т. е. A. Bell. Next", "т. е. A. Bell"),
        ("今日は晴れ。明日は雨。", "今日は晴れ"),
        ("नमस्ते दुनिया। फिर", "नमस्ते दुनिया"),
    ] {
        assert_eq!(written(&["{$sentence}"], post, None).unwrap(), sentence, "{post:?}");
    }
}

#[test]
fn long_quotations_are_cut_between_words() {
    let sentence = written(&["{$sentence}"], &"слово ".repeat(100), None).unwrap();
    assert!(sentence.ends_with("слово…") && telegram_len(&sentence) <= 160, "{sentence}");
    let unbroken = written(&["{$topic}"], &"字".repeat(500), None).unwrap();
    assert_eq!(telegram_len(&unbroken), 40);
}

proptest! {
    #[test]
    fn any_text_in_any_script_gives_a_draft_that_can_be_signed_or_none(
        post in "\\PC{0,400}", question in proptest::option::of("(\\PC|\\s){0,400}"), seed in any::<u64>(),
    ) {
        let templates = ["{$sentence}{!|} {$topic}", "{$question} {$channel}{| {$sentence}}"];
        let request = Request { seed: Seed(seed), ..request(&templates, &post, question.as_deref()) };
        if let Some(text) = write(&request).unwrap() {
            prop_assert!(sign(&text, &request.label).is_ok());
            prop_assert_eq!(write(&request).unwrap().unwrap(), text);
        }
    }
}
