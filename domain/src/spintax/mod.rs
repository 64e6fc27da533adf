//! Templates that read differently each time: choices in braces, and variables filled from what is spoken about.
//!
//! ```text
//! {Good point|Well said}{!|.} What do you think about {$topic}{| and the rest}?
//! ```
//!
//! `{a|b|c}` is a choice, nested as deep as [`MAX_DEPTH`]; an option may be empty. `{$name}` is a [`Variable`]. A backslash
//! makes `{`, `|`, `}`, `$` or `\` an ordinary character; outside braces `$` is one anyway, so prices and percentages need
//! no care. Everything else that is not balanced is a [`SpintaxError`] with its place: a template is checked when it is
//! saved, not when it is needed.

mod error;
mod parse;
#[cfg(test)]
mod tests;

use crate::seed::Seed;

pub use error::{SpintaxError, SpintaxErrorKind};

/// How deep choices may be nested.
pub const MAX_DEPTH: usize = 16;

/// What a template can speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// The title of the channel.
    Channel,
    /// A word or tag that stands for what the post is about.
    Topic,
    /// The first sentence of the post.
    Sentence,
    /// What the reader asked.
    Question,
}

impl Variable {
    /// Every variable.
    pub const ALL: [Self; 4] = [Self::Channel, Self::Topic, Self::Sentence, Self::Question];

    /// Its name in a template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Topic => "topic",
            Self::Sentence => "sentence",
            Self::Question => "question",
        }
    }
}

/// A template that was read without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Sequence);

/// What stands one after the other.
type Sequence = Vec<Node>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Variable(Variable),
    Choice(Vec<Sequence>),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn parse(source: &str) -> Result<Self, SpintaxError> {
        parse::parse(source).map(Self)
    }

    /// One of the texts that the template stands for, each way through its choices being equally likely; the same seed gives
    /// the same text. `value` says what a variable stands for here: options that speak of a variable without a value are
    /// left out, and `None` is returned when no way is left.
    #[must_use]
    pub fn render<'v>(&self, value: impl Fn(Variable) -> Option<&'v str>, seed: Seed) -> Option<String> {
        if ways(&self.0, &|variable| value(variable).is_some()) == 0 {
            return None;
        }
        let mut rendering = Rendering { value, seed, choices: 0, text: String::new() };
        rendering.write(&self.0);
        Some(rendering.text)
    }

    /// How many ways lead through the template when every variable has a value; [`u64::MAX`] if there are more.
    #[must_use]
    pub fn count(&self) -> u64 {
        ways(&self.0, &|_| true)
    }

    /// Whether any option speaks of `variable`.
    #[must_use]
    pub fn mentions(&self, variable: Variable) -> bool {
        mentions(&self.0, variable)
    }
}

fn mentions(sequence: &Sequence, variable: Variable) -> bool {
    sequence.iter().any(|node| match node {
        Node::Text(_) => false,
        Node::Variable(one) => *one == variable,
        Node::Choice(options) => options.iter().any(|option| mentions(option, variable)),
    })
}

/// How many ways lead through `sequence`, when only the variables that `has` names can be written.
fn ways(sequence: &Sequence, has: &impl Fn(Variable) -> bool) -> u64 {
    let each = sequence.iter().map(|node| match node {
        Node::Text(_) => 1,
        Node::Variable(variable) => u64::from(has(*variable)),
        Node::Choice(options) => {
            options.iter().fold(0, |sum: u64, option| sum.saturating_add(ways(option, has)))
        }
    });
    each.fold(1, u64::saturating_mul)
}

/// A text being written.
struct Rendering<F> {
    value: F,
    seed: Seed,
    choices: i64,
    text: String,
}

impl<'v, F: Fn(Variable) -> Option<&'v str>> Rendering<F> {
    fn write(&mut self, sequence: &Sequence) {
        for node in sequence {
            match node {
                Node::Text(text) => self.text.push_str(text),
                Node::Variable(variable) => self.text.push_str((self.value)(*variable).unwrap_or_default()),
                Node::Choice(options) => {
                    if let Some(option) = self.choose(options) {
                        self.write(option);
                    }
                }
            }
        }
    }

    /// Draws an option in proportion to the ways that lead through it, so that every way is equally likely.
    fn choose<'o>(&mut self, options: &'o [Sequence]) -> Option<&'o Sequence> {
        let weigh = |option| ways(option, &|variable| (self.value)(variable).is_some());
        let total = options.iter().map(weigh).fold(0, u64::saturating_add);
        let draw = u128::from(self.seed.derive("choice", self.choices).0) * u128::from(total);
        let mut left = u64::try_from(draw >> 64).unwrap_or(0);
        let chosen = options.iter().find(|option| {
            let weight = weigh(option);
            let here = left < weight;
            left = left.saturating_sub(weight);
            here
        });
        self.choices += 1;
        chosen
    }
}
