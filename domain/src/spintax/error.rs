//! What can be wrong with a template, and where.

use super::{MAX_DEPTH, Variable};

/// A template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct SpintaxError {
    /// What is wrong.
    pub kind: SpintaxErrorKind,
    /// The place, in bytes from the beginning of the template.
    pub at: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Its character in the line, from 1.
    pub column: usize,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpintaxErrorKind {
    /// A brace opens here and nothing closes it.
    #[error("this {{ is never closed")]
    Unclosed,
    /// A brace closes here and nothing opened it.
    #[error("this }} closes nothing; write \\}} for a brace")]
    StrayBrace,
    /// A bar stands outside of braces.
    #[error("this | stands outside of braces; write \\| for a bar")]
    StrayBar,
    /// A backslash stands before a character that needs none, or at the end.
    #[error("a backslash goes before {{, |, }}, $ or \\ only; write \\\\ for a backslash")]
    BadEscape,
    /// No variable has this name.
    #[error("there is no variable {{${0}}}; there are {known}", known = known())]
    UnknownVariable(String),
    /// Choices are nested too deep.
    #[error("choices are nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

impl SpintaxError {
    /// The error at a byte of the template.
    pub(super) fn new(kind: SpintaxErrorKind, source: &str, at: usize) -> Self {
        let before = &source[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        Self { kind, at, line, column: before[line_start..].chars().count() + 1 }
    }
}

fn known() -> String {
    Variable::ALL.map(|variable| format!("{{${}}}", variable.as_str())).join(", ")
}
