//! Statements that take any number of rows as one parameter, in both dialects from one text.
//!
//! A hot path must cost the same number of statements for one row and for five hundred, and its text must never change, so
//! that it is prepared once per connection. Rows therefore travel as one JSON array of objects, and the text says
//! `FROM rows($1: id bigint, state text) r`, which becomes `jsonb_each` on SQLite (its rows need no second parsing) and `json_to_recordset` on PostgreSQL.
//! What stands in braces, such as `{FOR UPDATE OF c}`, is for PostgreSQL alone; SQLite has one writer and needs no locks.
//! Write `rows(..) r CROSS JOIN t WHERE t.id = r.id` wherever a condition such as `t.project_id = $2` could make SQLite begin
//! with a whole project's rows: `CROSS JOIN` fixes the order there, and means nothing to PostgreSQL.
//! Parameters are `$1`, `$2` in both. Column types are PostgreSQL's; a JSON object given to a `text` column arrives as text,
//! [`Bytes`] given to a `bytea` column arrive as bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

use sea_orm::{DbBackend, Statement, Value};
use serde::Serialize;

use crate::error::StoreError;

/// Which of the two databases it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite in WAL mode: one file, one writer.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A statement's text, rendered once for each dialect.
pub(crate) struct Sql {
    text: &'static str,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Sql {
    /// A statement in the common notation of this module.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// The text that `dialect` understands.
    pub(crate) fn text(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Sqlite => self.sqlite.get_or_init(|| render(self.text, dialect)),
            Dialect::Postgres => self.postgres.get_or_init(|| render(self.text, dialect)),
        }
    }

    pub(crate) fn bind(&self, dialect: Dialect, values: impl IntoIterator<Item = Value>) -> Statement {
        let backend = match dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, self.text(dialect), values)
    }
}

/// Several statements as one, which SQLite runs one after the other: the parameters of each follow those of the one before.
pub(crate) fn in_one_go(statements: Vec<(&'static Sql, Vec<Value>)>) -> Statement {
    let mut text = String::new();
    let mut parameters = Vec::new();
    for (sql, values) in statements {
        append_renumbered(&mut text, sql.text(Dialect::Sqlite), parameters.len());
        text.push(';');
        parameters.extend(values);
    }
    Statement::from_sql_and_values(DbBackend::Sqlite, text, parameters)
}

/// Appends `text` with every `$n` as `$(n + by)`.
fn append_renumbered(out: &mut String, text: &str, by: usize) {
    let mut parts = text.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: usize = part[..digits].parse().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(out, "${}{}", number + by, &part[digits..]);
    }
}

/// Rows as one parameter: the value for a `rows($n: ...)` source.
///
/// # Errors
/// [`StoreError::Unreadable`] when a row does not serialise, which a derived `Serialize` of plain fields never does.
pub(crate) fn rows<T: Serialize>(operation: &'static str, rows: &[T]) -> Result<Value, StoreError> {
    let json = serde_json::to_string(rows).map_err(|source| StoreError::Unreadable {
        operation,
        column: "rows",
        source: Box::new(source),
    })?;
    Ok(Value::from(json))
}

/// Bytes in a row for `rows($n: ...)`, as PostgreSQL writes them: `\x` and hexadecimal digits.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("\\x{}", hex::encode(&self.0)))
    }
}

/// The name of an enum's value, as serde spells it. What has no name becomes an empty text, which no CHECK lets pass.
pub(crate) fn name_of(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => String::new(),
    }
}

/// A text without NUL characters, which PostgreSQL does not store; Telegram does not send them either.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

fn render(text: &str, dialect: Dialect) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(at) = rest.find(['{', 'r']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        if let Some((only, after)) = tail.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            if dialect == Dialect::Postgres {
                out.push_str(only);
            }
            rest = after;
        } else if let Some((source, after)) =
            tail.strip_prefix("rows($").and_then(|inner| inner.split_once(')'))
        {
            rest = render_source(&mut out, source, after, dialect);
        } else {
            let next = tail.chars().next().map_or(0, char::len_utf8);
            out.push_str(&tail[..next]);
            rest = &tail[next..];
        }
    }
    out.push_str(rest);
    out
}

/// Renders `1: id bigint, state text` with the alias that follows it in `after`; returns what stands behind the alias.
fn render_source<'a>(out: &mut String, source: &str, after: &'a str, dialect: Dialect) -> &'a str {
    let (parameter, columns) = source.split_once(':').unwrap_or((source, ""));
    let after = after.trim_start();
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
    let (alias, after) = after.split_at(end);
    // Writing to a String cannot fail.
    let _ = match dialect {
        Dialect::Postgres => write!(out, "json_to_recordset(${parameter}::json) AS {alias}({columns})"),
        Dialect::Sqlite => {
            let columns = columns.split(',').filter_map(|column| column.trim().split_once(' '));
            let picked = columns.map(|(name, kind)| match kind {
                "bytea" => format!("unhex(substr(value ->> '{name}', 3)) AS {name}"),
                _ => format!("value ->> '{name}' AS {name}"),
            });
            let picked: Vec<_> = picked.collect();
            write!(out, "(SELECT {} FROM jsonb_each(${parameter})) AS {alias}", picked.join(", "))
        }
    };
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    static MARK: Sql = Sql::new(
        "UPDATE jobs SET state = r.state FROM rows($2: id bigint, state text) r WHERE jobs.id = r.id {FOR x}",
    );

    #[test]
    fn rows_become_jsonb_each_on_sqlite_and_a_recordset_on_postgres() {
        assert_eq!(
            MARK.text(Dialect::Sqlite),
            "UPDATE jobs SET state = r.state FROM (SELECT value ->> 'id' AS id, value ->> 'state' AS state \
             FROM jsonb_each($2)) AS r WHERE jobs.id = r.id "
        );
        assert_eq!(
            MARK.text(Dialect::Postgres),
            "UPDATE jobs SET state = r.state FROM json_to_recordset($2::json) AS r( id bigint, state text) \
             WHERE jobs.id = r.id FOR x"
        );
    }

    #[test]
    fn statements_in_one_go_number_their_parameters_on() {
        static FIRST: Sql = Sql::new("UPDATE a SET x = $2 WHERE id = $1");
        static SECOND: Sql = Sql::new("DELETE FROM b WHERE y = $1 OR z = $1");
        let [one, two, three] = [1, 2, 3].map(Value::from);
        let statement = in_one_go(vec![(&FIRST, vec![one, two]), (&SECOND, vec![three])]);
        assert_eq!(statement.sql, "UPDATE a SET x = $2 WHERE id = $1;DELETE FROM b WHERE y = $3 OR z = $3;");
        assert_eq!(statement.values.unwrap().0, [1, 2, 3].map(Value::from));
    }

    #[test]
    fn a_nul_character_does_not_reach_the_database() {
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
        assert!(matches!(storable("ab"), Cow::Borrowed("ab")));
    }
}
