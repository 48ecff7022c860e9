//! Comma-separated values as RFC 4180 has them: records of fields, quoted where they need it.

/// Why a text is not CSV.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    Encoding,
    /// A quotation mark that begins or ends nothing.
    #[error("record {record}, field {field}: a quotation mark stands where none may")]
    Quote {
        /// Which record, from 1.
        record: usize,
        /// Which field of it, from 1.
        field: usize,
    },
    /// A quoted field without an end.
    #[error("record {0}: a quoted field does not end")]
    Open(usize),
    /// More records or fields than are read.
    #[error("it has more than {0} records, or one of more than {1} fields")]
    TooMany(usize, usize),
}

/// Most records read, its head included.
pub const MAX_RECORDS: usize = 50_001;
/// Most fields of a record.
pub const MAX_FIELDS: usize = 64;

/// A record: which one it is, from 1, as a spreadsheet counts its rows, and its fields.
pub type Record = (usize, Vec<String>);

/// The records of a text; empty lines are counted and left out, a byte order mark is skipped.
///
/// # Errors
/// [`CsvError`]; a field may hold anything when quoted, and no quotation mark when not.
pub fn read(bytes: &[u8]) -> Result<Vec<Record>, CsvError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CsvError::Encoding)?;
    let mut chars = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
    let (mut records, mut number) = (Vec::new(), 0);
    while chars.peek().is_some() {
        number += 1;
        let mut record: Vec<String> = Vec::new();
        let mut quoted = false;
        loop {
            let mut field = String::new();
            if chars.next_if_eq(&'"').is_some() {
                quoted = true;
                loop {
                    match chars.next() {
                        Some('"') if chars.next_if_eq(&'"').is_some() => field.push('"'),
                        Some('"') => break,
                        Some(other) => field.push(other),
                        None => return Err(CsvError::Open(number)),
                    }
                }
            } else {
                while let Some(plain) = chars.next_if(|c| !matches!(c, ',' | '\n' | '\r' | '"')) {
                    field.push(plain);
                }
            }
            record.push(field);
            if record.len() > MAX_FIELDS {
                return Err(CsvError::TooMany(MAX_RECORDS, MAX_FIELDS));
            }
            match chars.next() {
                Some(',') => {}
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                    break;
                }
                Some('\n') | None => break,
                Some(_) => return Err(CsvError::Quote { record: number, field: record.len() }),
            }
        }
        let empty = !quoted && matches!(record.as_slice(), [only] if only.is_empty());
        if !empty {
            records.push((number, record));
        }
        if records.len() > MAX_RECORDS || number > 2 * MAX_RECORDS {
            return Err(CsvError::TooMany(MAX_RECORDS, MAX_FIELDS));
        }
    }
    Ok(records)
}

/// Adds a record to a text. A field that a spreadsheet would take for a formula is written as text, with an apostrophe
/// before it.
pub fn write(text: &mut String, fields: impl IntoIterator<Item = impl AsRef<str>>) {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        let field = field.as_ref();
        let apostrophe = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if field.contains(['"', ',', '\r', '\n']) {
            text.extend(["\"", apostrophe, &field.replace('"', "\"\""), "\""]);
        } else {
            text.extend([apostrophe, field]);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(text: &str) -> Vec<Record> {
        read(text.as_bytes()).unwrap()
    }

    #[test]
    fn records_read_as_rfc_4180_has_them() {
        let own =
            |number, fields: &[&str]| (number, fields.iter().map(|field| (*field).to_owned()).collect());
        assert_eq!(fields("a,b\r\n1,2"), [own(1, &["a", "b"]), own(2, &["1", "2"])]);
        assert_eq!(fields("\u{feff}a\n\n\"x\"\"y,\r\nz\",\n"), [own(1, &["a"]), own(3, &["x\"y,\r\nz", ""])]);
        assert_eq!(fields(",\r\"\"\n"), [own(1, &["", ""]), own(2, &[""])]);
        assert!(fields("").is_empty());
        assert_eq!(read(b"a\nb,c\"d"), Err(CsvError::Quote { record: 2, field: 2 }));
        assert_eq!(read(b"\"a\"b"), Err(CsvError::Quote { record: 1, field: 1 }));
        assert_eq!(read(b"a\n\"b"), Err(CsvError::Open(2)));
        assert_eq!(read(b"\xff"), Err(CsvError::Encoding));
        let wide = ",".repeat(MAX_FIELDS);
        assert!(matches!(read(wide.as_bytes()), Err(CsvError::TooMany(..))));
    }

    #[test]
    fn fields_are_quoted_where_they_need_it() {
        let mut text = String::new();
        write(&mut text, ["plain", "", "a,b", "say \"x\"", "=1+1", "-1,2"]);
        assert_eq!(text, "plain,,\"a,b\",\"say \"\"x\"\"\",'=1+1,\"'-1,2\"\r\n");
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(table in prop::collection::vec(prop::collection::vec(".{0,8}|[\",\r\n]{0,4}", 1..5), 0..6)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let lines = table.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n");
            let text: String = lines.collect();
            let read: Vec<_> = fields(&text).into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(read, table);
        }

        #[test]
        fn what_is_written_comes_back(table in prop::collection::vec(prop::collection::vec("[a-z\",\r\n=+-]{1,6}", 1..5), 0..6)) {
            let mut text = String::new();
            table.iter().for_each(|row| write(&mut text, row));
            let safe = |field: &String| match field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                true => format!("'{field}"),
                false => field.clone(),
            };
            let safe: Vec<Vec<_>> = table.iter().map(|row| row.iter().map(safe).collect()).collect();
            let read: Vec<_> = fields(&text).into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(read, safe);
        }
    }
}
