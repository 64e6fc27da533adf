//! The address of the database, which may hold a password: the whole of it is a [`Secret`], and what is shown to people
//! is a second text without the password and without the query, where a password may stand as well.

use std::str::FromStr;

use url::Url;

use super::secret::Secret;

/// `sqlite://FILE?mode=rwc` or `postgres://USER:PASSWORD@HOST:PORT/NAME`. Displayed without what is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseUrl {
    whole: Secret,
    shown: String,
}

/// The text is not the address of a database.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotADatabaseUrl;

impl DatabaseUrl {
    /// The whole address, password included, for the one who connects.
    pub(crate) fn expose(&self) -> &str {
        self.whole.expose()
    }
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        let text = "sqlite://beseda.db?mode=rwc";
        Self { whole: Secret::new(text.into()), shown: text.into() }
    }
}

impl FromStr for DatabaseUrl {
    type Err = NotADatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = match text.split_once(':').ok_or(NotADatabaseUrl)? {
            ("sqlite", file) if !file.trim_start_matches('/').is_empty() => text.to_owned(),
            ("postgres" | "postgresql", _) => without_password(text)?,
            _ => return Err(NotADatabaseUrl),
        };
        Ok(Self { whole: Secret::new(text.to_owned()), shown })
    }
}

fn without_password(text: &str) -> Result<String, NotADatabaseUrl> {
    let mut url = Url::parse(text).map_err(|_| NotADatabaseUrl)?;
    url.set_password(None).map_err(|()| NotADatabaseUrl)?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.into())
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown_wherever_it_stands() {
        for text in [
            "postgres://beseda:hunter2@db.example:5432/beseda",
            "postgresql://beseda:hun%40ter2@db.example/beseda?password=hunter2&sslmode=require",
            "postgres://db.example/beseda?user=beseda&password=hunter2",
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            let shown = format!("{url} {url:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("ter2"), "{shown}");
            assert!(shown.contains("db.example"), "{shown}");
            assert_eq!(url.expose(), text);
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in ["", "beseda.db", "sqlite:", "sqlite://", "mysql://localhost/beseda", "postgres:beseda"] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(NotADatabaseUrl), "{text:?}");
        }
    }
}
