//! JSON as a stream, with the place and the expectation in every error.
//!
//! A thin layer over `struson`: it never holds more than one value, so the size of a file does not matter.

use std::io::Read;

use struson::reader::{
    JsonReader as _, JsonReaderPosition, JsonStreamReader, JsonSyntaxError, LinePosition, ReaderError,
    SyntaxErrorKind, ValueType,
};

/// What stopped the reading.
#[derive(Debug)]
pub(super) enum Problem {
    Io { place: String, source: std::io::Error },
    Broken { place: String, found: String, expected: &'static str },
}

/// The reader.
pub(super) struct Reader<R: Read>(JsonStreamReader<R>);

impl<R: Read> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self(JsonStreamReader::new(from))
    }

    /// Reads an object; `member` is called for each name and must read or skip its value.
    pub(super) fn object(
        &mut self,
        expected: &'static str,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.0.begin_object().map_err(|error| problem(error, expected))?;
        while self.0.has_next().map_err(|error| problem(error, expected))? {
            let name = self.0.next_name_owned().map_err(|error| problem(error, expected))?;
            member(self, &name)?;
        }
        self.0.end_object().map_err(|error| problem(error, expected))
    }

    /// Reads an array; `item` is called for each item and must read or skip it.
    pub(super) fn array(
        &mut self,
        expected: &'static str,
        mut item: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.0.begin_array().map_err(|error| problem(error, expected))?;
        while self.0.has_next().map_err(|error| problem(error, expected))? {
            item(self)?;
        }
        self.0.end_array().map_err(|error| problem(error, expected))
    }

    pub(super) fn peek(&mut self, expected: &'static str) -> Result<ValueType, Problem> {
        self.0.peek().map_err(|error| problem(error, expected))
    }

    pub(super) fn string(&mut self, expected: &'static str) -> Result<String, Problem> {
        self.0.next_string().map_err(|error| problem(error, expected))
    }

    /// A string, or `None` where there is any other value.
    pub(super) fn string_if_any(&mut self, expected: &'static str) -> Result<Option<String>, Problem> {
        if self.peek(expected)? == ValueType::String {
            return self.string(expected).map(Some);
        }
        self.skip().map(|()| None)
    }

    /// A whole number, bare or as a string.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<i64, Problem> {
        let text = match self.peek(expected)? {
            ValueType::String => self.string(expected)?,
            ValueType::Number => self.0.next_number_as_string().map_err(|error| problem(error, expected))?,
            other @ (ValueType::Array | ValueType::Object | ValueType::Boolean | ValueType::Null) => {
                return Err(self.wrong(other.to_string(), expected));
            }
        };
        text.trim().parse().map_err(|_| self.wrong(format!("{text:?}"), expected))
    }

    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        self.0.skip_value().map_err(|error| problem(error, "a value"))
    }

    /// Something that is there and yet not right.
    pub(super) fn wrong(&self, found: impl Into<String>, expected: &'static str) -> Problem {
        Problem::Broken { place: place(self.0.current_position(true)), found: found.into(), expected }
    }

    /// Makes sure that nothing follows.
    pub(super) fn finish(self) -> Result<(), Problem> {
        self.0.consume_trailing_whitespace().map_err(|error| problem(error, "the end of the file"))
    }
}

/// A place as people count: lines and columns from 1.
fn place(position: JsonReaderPosition) -> String {
    let line_pos = position.line_pos.map(|at| LinePosition { line: at.line + 1, column: at.column + 1 });
    JsonReaderPosition { line_pos, data_pos: None, ..position }.to_string()
}

fn problem(error: ReaderError, expected: &'static str) -> Problem {
    let broken = |location: JsonReaderPosition, found: String| Problem::Broken {
        place: place(location),
        found,
        expected,
    };
    match error {
        ReaderError::SyntaxError(JsonSyntaxError { kind: SyntaxErrorKind::IncompleteDocument, location }) => {
            broken(location, "the end of the file".into())
        }
        ReaderError::SyntaxError(JsonSyntaxError { kind, location }) => {
            broken(location, format!("invalid JSON ({kind})"))
        }
        ReaderError::UnexpectedValueType { actual, location, .. } => broken(location, actual.to_string()),
        ReaderError::UnexpectedStructure { kind, location } => broken(location, kind.to_string()),
        ReaderError::MaxNestingDepthExceeded { location, .. } => {
            broken(location, "values nested too deeply".into())
        }
        ReaderError::UnsupportedNumberValue { number, location } => {
            broken(location, format!("the number {number}"))
        }
        ReaderError::IoError { error, location } if error.kind() == std::io::ErrorKind::InvalidData => {
            broken(location, format!("bytes that are not UTF-8 ({error})"))
        }
        ReaderError::IoError { error, location } => Problem::Io { place: place(location), source: error },
        other => Problem::Broken { place: "an unknown place".into(), found: other.to_string(), expected },
    }
}
