//! The two places that values come from. Both refuse what they do not know: a mistyped key would otherwise be a default
//! that nobody meant.

use std::ffi::OsString;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::Config;
use super::settings::{SETTINGS, Setting};
use crate::error::{ConfigError, Place};

/// Names the file, so it is no setting.
const FILE_VARIABLE: &str = "BESEDA_CONFIG";
/// Variables of the test suite, which may stand in the same environment.
const TEST_PREFIX: &str = "BESEDA_TEST_";

/// Applies every value of a TOML file: tables are sections, one level deep.
pub(super) fn apply_file(config: &mut Config, path: &Path, text: &str) -> Result<(), ConfigError> {
    let place = |offset: usize| Place::Line { path: path.to_owned(), line: line_of(text, offset) };
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: place(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    for (section, value) in document.get_ref() {
        let DeValue::Table(table) = value.get_ref() else {
            return Err(unknown(place(section.span().start), section.get_ref()));
        };
        for (name, value) in table {
            let at = place(name.span().start);
            let key = format!("{}.{}", section.get_ref(), name.get_ref());
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
                return Err(unknown(at, &key));
            };
            apply(config, setting, at, scalar(value.get_ref()))?;
        }
    }
    Ok(())
}

/// Applies every `BESEDA_*` variable of `environment`; others are not ours.
pub(super) fn apply_environment(
    config: &mut Config,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), ConfigError> {
    for (name, value) in environment {
        let name = name.to_string_lossy().into_owned();
        let ours = name.starts_with("BESEDA_") && name != FILE_VARIABLE && !name.starts_with(TEST_PREFIX);
        if !ours {
            continue;
        }
        let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == name) else {
            let known = SETTINGS.iter().map(Setting::variable).collect::<Vec<_>>().join(", ");
            return Err(ConfigError::Unknown { place: Place::Variable(name), key: None, known });
        };
        apply(config, setting, Place::Variable(name), value.to_str())?;
    }
    Ok(())
}

/// Sets one value; `None` is one that is no text, number or truth value and fits no setting.
fn apply(
    config: &mut Config,
    setting: &Setting,
    place: Place,
    text: Option<&str>,
) -> Result<(), ConfigError> {
    if text.is_some_and(|text| (setting.set)(config, text)) {
        return Ok(());
    }
    let given = text.filter(|_| !setting.secret).map(|text| format!(" {text:?}")).unwrap_or_default();
    Err(ConfigError::Refused { place, key: setting.key, given, accepted: setting.accepted })
}

fn unknown(place: Place, key: &str) -> ConfigError {
    let known = SETTINGS.iter().map(|setting| setting.key).collect::<Vec<_>>().join(", ");
    ConfigError::Unknown { place, key: Some(key.to_owned()), known }
}

fn scalar<'a>(value: &'a DeValue<'_>) -> Option<&'a str> {
    match value {
        DeValue::String(text) => Some(text),
        DeValue::Integer(number) => Some(number.as_str()),
        DeValue::Float(number) => Some(number.as_str()),
        DeValue::Boolean(true) => Some("true"),
        DeValue::Boolean(false) => Some("false"),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Lines count from 1, as editors do.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
