//! Reading a template: one pass over its characters, the open choices on a stack.

use super::error::{SpintaxError, SpintaxErrorKind as Kind};
use super::{MAX_DEPTH, Node, Sequence, Variable};

/// Reads a whole template.
pub(super) fn parse(source: &str) -> Result<Sequence, SpintaxError> {
    let mut parser = Parser { source, at: 0, sequence: Sequence::new(), open: Vec::new() };
    while let Some(c) = parser.peek() {
        match c {
            '{' if parser.rest().starts_with("{$") => parser.variable()?,
            '{' => parser.begin_choice()?,
            '|' => parser.end_option()?,
            '}' => parser.end_choice()?,
            '\\' => parser.escape()?,
            _ => parser.text(c),
        }
    }
    match parser.open.last() {
        Some(choice) => Err(parser.error(Kind::Unclosed, choice.at)),
        None => Ok(parser.sequence),
    }
}

struct Parser<'s> {
    source: &'s str,
    /// The next byte to read, always at the beginning of a character.
    at: usize,
    /// What is being read: the template itself, or the current option of the innermost choice.
    sequence: Sequence,
    open: Vec<OpenChoice>,
}

/// A choice whose closing brace has not come yet.
struct OpenChoice {
    at: usize,
    options: Vec<Sequence>,
    /// What was read before the choice began.
    before: Sequence,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, kind: Kind, at: usize) -> SpintaxError {
        SpintaxError::new(kind, self.source, at)
    }

    fn text(&mut self, c: char) {
        self.at += c.len_utf8();
        if let Some(Node::Text(text)) = self.sequence.last_mut() {
            text.push(c);
        } else {
            self.sequence.push(Node::Text(c.to_string()));
        }
    }

    fn escape(&mut self) -> Result<(), SpintaxError> {
        let at = self.at;
        self.at += 1;
        match self.peek() {
            Some(c @ ('{' | '|' | '}' | '$' | '\\')) => {
                self.text(c);
                Ok(())
            }
            _ => Err(self.error(Kind::BadEscape, at)),
        }
    }

    fn variable(&mut self) -> Result<(), SpintaxError> {
        let at = self.at;
        let inner = &self.source[at + "{$".len()..];
        let name = &inner[..inner.find(['{', '|', '}', '\\', '\n']).unwrap_or(inner.len())];
        if !inner[name.len()..].starts_with('}') {
            return Err(self.error(Kind::Unclosed, at));
        }
        let known = Variable::ALL.into_iter().find(|variable| variable.as_str() == name);
        let variable = known.ok_or_else(|| self.error(Kind::UnknownVariable(name.to_owned()), at))?;
        self.at += "{$}".len() + name.len();
        self.sequence.push(Node::Variable(variable));
        Ok(())
    }

    fn begin_choice(&mut self) -> Result<(), SpintaxError> {
        let at = self.at;
        if self.open.len() == MAX_DEPTH {
            return Err(self.error(Kind::TooDeep, at));
        }
        self.at += 1;
        self.open.push(OpenChoice { at, options: Vec::new(), before: std::mem::take(&mut self.sequence) });
        Ok(())
    }

    fn end_option(&mut self) -> Result<(), SpintaxError> {
        match self.open.last_mut() {
            Some(choice) => choice.options.push(std::mem::take(&mut self.sequence)),
            None => return Err(self.error(Kind::StrayBar, self.at)),
        }
        self.at += 1;
        Ok(())
    }

    fn end_choice(&mut self) -> Result<(), SpintaxError> {
        let Some(OpenChoice { mut options, before, .. }) = self.open.pop() else {
            return Err(self.error(Kind::StrayBrace, self.at));
        };
        options.push(std::mem::replace(&mut self.sequence, before));
        self.sequence.push(Node::Choice(options));
        self.at += 1;
        Ok(())
    }
}
