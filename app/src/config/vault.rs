//! The vault's keys: those that stand in the configuration, and those in a file that nobody else may read.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use persistence::vault::VaultKey;

use crate::error::KeyFileError;

/// A key file is a few lines; whatever is longer is another file.
const LONGEST: u64 = 64 * 1024;

/// What the secrets in the database are sealed with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vault {
    /// Keys that stand in the configuration.
    pub(crate) keys: Vec<VaultKey>,
    /// A file with more of them.
    pub(crate) key_file: Option<PathBuf>,
}

impl Vault {
    /// All of them, those of the file included.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file cannot be read, is not safe, or holds anything but keys.
    pub(crate) fn all_keys(&self) -> Result<Vec<VaultKey>, KeyFileError> {
        let mut keys = self.keys.clone();
        if let Some(path) = &self.key_file {
            keys.extend(read_keys(path)?);
        }
        Ok(keys)
    }
}

/// The keys in `text`, which stand one behind the other with commas between them.
pub(super) fn parse_keys(text: &str) -> Option<Vec<VaultKey>> {
    text.split(',').map(|key| key.trim().parse().ok()).collect()
}

/// The keys in a file, one a line; blank lines and those that begin with `#` are left out.
///
/// # Errors
/// [`KeyFileError`] when the file is not there, may be read or changed by others, or holds anything else.
pub(crate) fn read_keys(path: &Path) -> Result<Vec<VaultKey>, KeyFileError> {
    let unreadable = |source| KeyFileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    // The file that was opened is looked at, not what its name leads to by now.
    let owner = rustix::process::geteuid();
    if !about.is_file() || about.mode() & 0o077 != 0 || (about.uid() != owner.as_raw() && !owner.is_root()) {
        return Err(KeyFileError::Unsafe { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    let lines = (1..).zip(text.lines().map(str::trim));
    let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(number, line)| {
        line.parse().map_err(|_| KeyFileError::Line { path: path.to_owned(), line: number })
    });
    let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err(KeyFileError::Empty { path: path.to_owned() });
    }
    Ok(keys)
}
