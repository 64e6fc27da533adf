//! The record on disk: one JSON line per entry, each written by one call before its answer is given.
//!
//! The first line is the header, the plan of the world. A killed process leaves at most one torn line, the last: it is cut
//! off on opening, with a note, since its answer was never given. What a failed write left behind is cut off before the
//! next one. The file is locked: a world has one process.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read as _, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use domain::time::Timestamp;
use serde_json::Value;

use super::Entry;
use crate::error::WorldError;

/// The file, open for appending.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Up to where the file holds whole lines.
    len: u64,
    /// Whether a write failed, and may have left a part of its line behind.
    torn: bool,
    line: Vec<u8>,
}

/// A record that was there already: its entries, with the number of each one's line.
pub(crate) type Recorded = Box<dyn Iterator<Item = Result<(usize, Entry), WorldError>>>;

impl Journal {
    /// Opens the record at `path`, or begins it with `header` if there is none. Yields what it holds so far.
    pub(crate) fn open(path: &Path, header: &Value) -> Result<(Self, Recorded), WorldError> {
        let failed = |source| WorldError::OpenRecord { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        let len = whole_lines(&mut file).map_err(failed)?;
        let end = file.seek(SeekFrom::End(0)).map_err(failed)?;
        if end > len {
            tracing::warn!(path = %path.display(), bytes = end - len, "dropped a torn line at the end of the record");
            file.set_len(len).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(len)).map_err(failed)?;
        let mut journal = Self { file, len, torn: false, line: Vec::new() };
        if len == 0 {
            journal.write(header).map_err(failed)?;
            return Ok((journal, Box::new(std::iter::empty())));
        }
        let mut lines = Lines::open(path)?;
        lines.same_world(header)?;
        Ok((journal, Box::new(lines)))
    }

    /// Appends an entry; when this returns, it survives the process.
    pub(crate) fn append(&mut self, entry: &Entry) -> std::io::Result<()> {
        self.write(entry)
    }

    fn write(&mut self, value: &impl serde::Serialize) -> std::io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)?;
        self.line.push(b'\n');
        if self.torn {
            self.file.set_len(self.len)?;
            self.file.seek(SeekFrom::Start(self.len))?;
        }
        self.torn = true;
        self.file.write_all(&self.line)?;
        self.torn = false;
        self.len += self.line.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
impl Journal {
    /// A journal whose writes fail, as on a full disk.
    pub(crate) fn unwritable(path: &Path) -> Self {
        std::fs::write(path, "").unwrap();
        Self { file: File::open(path).unwrap(), len: 0, torn: false, line: Vec::new() }
    }
}

/// The entries of a record, without the world: for judging it afterwards.
///
/// # Errors
/// When the file cannot be read or its header is missing; the items fail where a line is broken.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Result<Entry, WorldError>> + use<>, WorldError> {
    let mut lines = Lines::open(path)?;
    lines.header()?;
    Ok(lines.map(|line| line.map(|(_, entry)| entry)))
}

/// When the world of a record began; `None` if there is no such file, or nothing in it.
///
/// # Errors
/// When the file cannot be read or its header is broken.
pub fn begins_at(path: &Path) -> Result<Option<Timestamp>, WorldError> {
    if !path.exists() {
        return Ok(None);
    }
    let header = Lines::open(path)?.header()?;
    Ok(header["plan"]["start"].as_i64().map(Timestamp::from_micros))
}

/// How many bytes of the file belong to lines that end.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    const BLOCK: u64 = 64 * 1024;
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        (&mut *file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: usize,
    text: String,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, WorldError> {
        let file =
            File::open(path).map_err(|source| WorldError::OpenRecord { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file), number: 0, text: String::new() })
    }

    /// The next line's value; `None` at the end, and at a torn line, which can only be the last.
    fn line<T: serde::de::DeserializeOwned>(&mut self) -> Option<Result<T, WorldError>> {
        self.text.clear();
        self.number += 1;
        let (path, line) = (&self.path, self.number);
        match self.reader.read_line(&mut self.text) {
            Err(source) => Some(Err(WorldError::ReadRecord { path: path.clone(), line, source })),
            Ok(_) if !self.text.ends_with('\n') => None,
            Ok(_) => {
                let parsed = serde_json::from_str(&self.text);
                Some(parsed.map_err(|source| WorldError::BrokenRecord { path: path.clone(), line, source }))
            }
        }
    }

    fn header(&mut self) -> Result<Value, WorldError> {
        self.line().unwrap_or(Ok(Value::Null))
    }

    fn same_world(&mut self, planned: &Value) -> Result<(), WorldError> {
        let found = self.header()?;
        match difference(&found, planned) {
            None => Ok(()),
            Some((field, found, planned)) => {
                Err(WorldError::AnotherWorld { path: self.path.clone(), field, found, planned })
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<(usize, Entry), WorldError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line().map(|entry| entry.map(|entry| (self.number, entry)))
    }
}

/// The first field in which two headers differ, by its path.
fn difference(found: &Value, planned: &Value) -> Option<(String, String, String)> {
    match (found, planned) {
        (Value::Object(found), Value::Object(planned)) => {
            let names: std::collections::BTreeSet<&String> = found.keys().chain(planned.keys()).collect();
            names.into_iter().find_map(|name| {
                let missing = &Value::Null;
                let inner =
                    difference(found.get(name).unwrap_or(missing), planned.get(name).unwrap_or(missing))?;
                let path = if inner.0.is_empty() { name.clone() } else { format!("{name}.{}", inner.0) };
                Some((path, inner.1, inner.2))
            })
        }
        (found, planned) if found == planned => None,
        (found, planned) => Some((String::new(), found.to_string(), planned.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Deed;
    use serde_json::json;

    fn entry(second: i64) -> Entry {
        Entry { at: Timestamp::from_secs(second), deed: Deed::Time }
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_the_record_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        let (mut journal, _) = Journal::open(&path, &json!({"seed": 1})).unwrap();
        journal.append(&entry(1)).unwrap();
        drop(journal);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"at\":2,\"de").unwrap();

        assert_eq!(read(&path).unwrap().count(), 1, "a reader does not see the torn line");
        let (mut journal, recorded) = Journal::open(&path, &json!({"seed": 1})).unwrap();
        assert_eq!(recorded.map(Result::unwrap).collect::<Vec<_>>(), vec![(2, entry(1))]);
        journal.append(&entry(3)).unwrap();
        let entries: Vec<Entry> = read(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(entries, vec![entry(1), entry(3)]);
    }

    #[test]
    fn what_a_failed_write_left_is_cut_off_before_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        let (mut journal, _) = Journal::open(&path, &json!({"seed": 1})).unwrap();
        journal.append(&entry(1)).unwrap();
        journal.file.write_all(b"{\"at\":2,\"de").unwrap();
        journal.torn = true;
        journal.append(&entry(3)).unwrap();
        let entries: Vec<Entry> = read(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(entries, vec![entry(1), entry(3)]);
    }

    #[test]
    fn a_record_in_use_and_a_full_disk_are_errors_that_name_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        let _in_use = Journal::open(&path, &json!({"seed": 1})).unwrap();
        let error = Journal::open(&path, &json!({"seed": 1})).err().unwrap();
        assert!(
            matches!(error, WorldError::OpenRecord { .. }) && error.to_string().contains("record"),
            "{error}"
        );

        let error = Journal::open(Path::new("/dev/full"), &json!({"seed": 1})).err().unwrap();
        assert!(matches!(error, WorldError::OpenRecord { .. }), "{error}");
    }

    #[test]
    fn a_record_of_another_world_is_refused_by_the_field_that_differs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        drop(Journal::open(&path, &json!({"seed": 1, "limits": {"daily": 30}})).unwrap());
        let error = Journal::open(&path, &json!({"seed": 1, "limits": {"daily": 31}})).err().unwrap();
        let WorldError::AnotherWorld { field, found, planned, .. } = error else { panic!("{error}") };
        assert_eq!((field.as_str(), found.as_str(), planned.as_str()), ("limits.daily", "30", "31"));
    }

    #[test]
    fn a_record_tells_when_its_world_began() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        assert_eq!(begins_at(&path).unwrap(), None);
        drop(Journal::open(&path, &json!({"plan": {"start": 5_000_000}})).unwrap());
        assert_eq!(begins_at(&path).unwrap(), Some(Timestamp::from_secs(5)));
    }

    #[test]
    fn a_broken_line_in_the_middle_is_an_error_with_its_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        std::fs::write(&path, "{\"seed\":1}\n{\"at\":oops}\n{}\n").unwrap();
        let (_, mut recorded) = Journal::open(&path, &json!({"seed": 1})).unwrap();
        let Some(Err(WorldError::BrokenRecord { line, .. })) = recorded.next() else { panic!("no error") };
        assert_eq!(line, 2);
    }
}
