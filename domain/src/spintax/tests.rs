//! What templates come out as, how often, and where a broken one is broken.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn nothing(_: Variable) -> Option<&'static str> {
    None
}

fn rendered(source: &str, seed: u64) -> Option<String> {
    Template::parse(source).unwrap().render(nothing, Seed(seed))
}

/// How often each text comes out of `rounds` seeds.
fn tally(source: &str, rounds: u64) -> BTreeMap<String, u64> {
    let template = Template::parse(source).unwrap();
    let mut tally = BTreeMap::new();
    for seed in 0..rounds {
        *tally.entry(template.render(nothing, Seed(seed)).unwrap()).or_default() += 1;
    }
    tally
}

fn failure(source: &str) -> String {
    Template::parse(source).unwrap_err().to_string()
}

#[test]
fn every_way_through_nested_choices_is_equally_likely() {
    let tally = tally("{a|b|{c|d|{e|f}}}", 6000);
    assert_eq!(tally.keys().collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f"]);
    assert!(tally.values().all(|times| (850..1150).contains(times)), "{tally:?}");
}

#[test]
fn choices_of_one_template_are_drawn_apart() {
    assert_eq!(tally("{a|b} {c|d}", 400).len(), 4);
}

#[test]
fn options_may_be_empty_and_signs_outside_braces_are_ordinary() {
    assert_eq!(tally("x{|!|}", 200).keys().collect::<Vec<_>>(), ["x", "x!"]);
    assert_eq!(rendered("{}", 1).unwrap(), "");
    assert_eq!(rendered("$5 is 100 % of [this]", 1).unwrap(), "$5 is 100 % of [this]");
}

#[test]
fn variables_are_filled_and_their_values_are_not_read_as_templates() {
    let template = Template::parse("{$channel}: «{$topic}»").unwrap();
    let text = template.render(
        |variable| match variable {
            Variable::Channel => Some("Ёлка {a|b}"),
            Variable::Topic => Some("\\"),
            Variable::Sentence | Variable::Question => None,
        },
        Seed(1),
    );
    assert_eq!(text.unwrap(), "Ёлка {a|b}: «\\»");
}

#[test]
fn options_that_lack_a_value_are_left_out() {
    assert_eq!(
        tally("{about {$topic}|in general|{$question}!}", 50).into_keys().collect::<Vec<_>>(),
        ["in general"]
    );
    assert_eq!(rendered("about {$topic}", 1), None);
    assert_eq!(rendered("{{$topic}|{$question}}", 1), None);
}

#[test]
fn ways_are_counted_and_saturate() {
    assert_eq!(Template::parse("{a|b|{c|d}}{e|f} {$topic}").unwrap().count(), 8);
    assert_eq!(Template::parse("").unwrap().count(), 1);
    let vast = Template::parse(&"{a|b}".repeat(70)).unwrap();
    assert_eq!(vast.count(), u64::MAX);
    assert_eq!(vast.render(nothing, Seed(1)).unwrap().len(), 70);
    let lopsided = Template::parse(&format!("{{x|{}}}", "{a|b}".repeat(70))).unwrap();
    assert!(lopsided.render(nothing, Seed(1)).is_some());
}

#[test]
fn an_error_names_the_place_and_what_would_be_right() {
    assert_eq!(failure("a\nпро {b|c"), "line 2, column 5: this { is never closed");
    assert_eq!(failure("a}"), "line 1, column 2: this } closes nothing; write \\} for a brace");
    assert_eq!(failure("a|b"), "line 1, column 2: this | stands outside of braces; write \\| for a bar");
    assert_eq!(
        failure("C:\\new"),
        "line 1, column 3: a backslash goes before {, |, }, $ or \\ only; write \\\\ for a backslash"
    );
    assert_eq!(
        failure("{$name}"),
        "line 1, column 1: there is no variable {$name}; there are {$channel}, {$topic}, {$sentence}, {$question}"
    );
    assert_eq!(failure("{$topic"), "line 1, column 1: this { is never closed");
    assert_eq!(
        failure(&"{".repeat(MAX_DEPTH + 1)),
        format!("line 1, column {}: choices are nested deeper than {MAX_DEPTH}", MAX_DEPTH + 1)
    );
}

#[test]
fn an_error_counts_bytes_for_machines_and_characters_for_people() {
    let error = Template::parse("ёж|").unwrap_err();
    assert_eq!((error.at, error.line, error.column), (4, 1, 3));
    assert_eq!(error.kind, SpintaxErrorKind::StrayBar);
}

/// Text that stands for itself in a template.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut source, c| {
        if matches!(c, '{' | '|' | '}' | '$' | '\\') {
            source.push('\\');
        }
        source.push(c);
        source
    })
}

/// Sources without errors, with what they can come out as.
fn balanced() -> impl Strategy<Value = (String, Vec<String>)> {
    let leaf = "[a-z {}|$\\\\ё👍]{0,4}".prop_map(|text| (escaped(&text), vec![text]));
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|options| {
                let sources: Vec<_> = options.iter().map(|(source, _)| source.as_str()).collect();
                let texts = options.iter().flat_map(|(_, texts)| texts.clone()).collect();
                (format!("{{{}}}", sources.join("|")), texts)
            }),
            (inner.clone(), inner).prop_map(|((first, before), (second, after))| {
                let pairs =
                    before.iter().flat_map(|head| after.iter().map(move |tail| format!("{head}{tail}")));
                (first + &second, pairs.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_source_makes_it_panic(source in "\\PC*", braces in "[{}|$\\\\a\n]{0,40}", seed in any::<u64>()) {
        for source in [source, braces] {
            match Template::parse(&source) {
                Ok(template) => prop_assert!(template.render(|_| Some("x"), Seed(seed)).is_some()),
                Err(error) => prop_assert!(source.is_char_boundary(error.at)),
            }
        }
    }

    #[test]
    fn what_comes_out_is_one_of_the_ways_and_the_same_for_the_same_seed(
        (source, texts) in balanced(), seed in any::<u64>(),
    ) {
        let template = Template::parse(&source).unwrap();
        prop_assert_eq!(template.count(), texts.len() as u64);
        let text = template.render(nothing, Seed(seed)).unwrap();
        prop_assert!(texts.contains(&text), "{:?} is none of {:?}", text, texts);
        prop_assert_eq!(template.render(nothing, Seed(seed)).unwrap(), text);
    }

    #[test]
    fn escaped_text_stands_for_itself(text in "\\PC*") {
        prop_assert_eq!(rendered(&escaped(&text), 1).unwrap(), text);
    }
}
