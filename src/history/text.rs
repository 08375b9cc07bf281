//! From bytes to text and lines: UTF-8 and UTF-16 of either byte order, with or without a byte-order mark.

use std::borrow::Cow;

use super::error::HistoryError;

/// The longest line of a CSV file and the longest cell of an HTML report, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024;

/// The text, and a note where it had to be guessed.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<String>), HistoryError> {
    if let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return Ok(decode_bytes(rest));
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match unmarked_utf16(bytes) {
            Some(unit) => utf16(bytes, unit),
            None => Ok(decode_bytes(bytes)),
        },
    }
}

/// UTF-8, or else one character per byte (Latin-1): numbers, dates and symbols are ASCII in every export, so that
/// only comments can suffer. 0xA0, the blank between thousands in that code page, becomes U+00A0 by it.
fn decode_bytes(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(_) => (
            Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
            Some("The file is not UTF-8; it was read as Latin-1, comments may look wrong.".to_owned()),
        ),
    }
}

/// Text that is mostly ASCII has a zero in every second byte when it is UTF-16.
fn unmarked_utf16(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let start = bytes.get(..bytes.len().min(256))?;
    let pairs = start.chunks_exact(2);
    let count = pairs.len();
    let (mut even, mut odd) = (0_usize, 0_usize);
    for pair in pairs {
        if let [first, second] = pair {
            even += usize::from(*first == 0 && *second != 0);
            odd += usize::from(*second == 0 && *first != 0);
        }
    }
    if count < 2 {
        None
    } else if odd * 10 >= count * 8 {
        Some(u16::from_le_bytes)
    } else if even * 10 >= count * 8 {
        Some(u16::from_be_bytes)
    } else {
        None
    }
}

fn utf16(
    bytes: &[u8],
    unit: fn([u8; 2]) -> u16,
) -> Result<(Cow<'static, str>, Option<String>), HistoryError> {
    let chunks = bytes.chunks_exact(2);
    if !chunks.remainder().is_empty() {
        return Err(HistoryError::BadUtf16 { at: bytes.len() / 2 });
    }
    let units = chunks.map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0,
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut at = 0;
    for decoded in char::decode_utf16(units) {
        let character = decoded.map_err(|_| HistoryError::BadUtf16 { at })?;
        at += character.len_utf16();
        text.push(character);
    }
    Ok((Cow::Owned(text), None))
}

/// The lines that are not blank, with their numbers from 1, without their ends (`\n`, `\r\n` or `\r`).
///
/// # Errors
/// A line that is too long.
pub(super) fn lines(text: &str) -> Result<Vec<(u32, &str)>, HistoryError> {
    let (mut found, mut rest, mut number) = (Vec::new(), text, 1_u32);
    while !rest.is_empty() {
        let (line, after) = rest.split_once(['\n', '\r']).unwrap_or((rest, ""));
        let ended_by_return = rest.as_bytes().get(line.len()) == Some(&b'\r');
        if line.len() > MAX_LINE_BYTES {
            return Err(HistoryError::LineTooLong { line: number, bytes: line.len(), most: MAX_LINE_BYTES });
        }
        if !line.trim().is_empty() {
            found.push((number, line));
        }
        rest = if ended_by_return { after.strip_prefix('\n').unwrap_or(after) } else { after };
        number = number.saturating_add(1);
    }
    Ok(found)
}
