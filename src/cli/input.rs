//! A text that is handed in on standard input, as `-` asks for.

use std::io::Read;

use super::failure::{Failure, Kind};

/// The word that means standard input.
pub(super) const DASH: &str = "-";

/// More than any authored file may have.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Everything on standard input.
pub(super) fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        let message = format!("Standard input has more than {BYTES_MAX} bytes, which no wave file has.");
        return Err(Failure::new(Kind::Input, message, "Nothing of it was used."));
    }
    Ok(bytes)
}

/// The bytes of a file as text, for a verb that writes it back: one that is not UTF-8 is refused.
pub(super) fn exact_text(file: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let message =
            format!("{file}:{line} holds bytes that are not UTF-8, and such a file is never written.");
        let failure = Failure::new(Kind::Refused, message, "Save it as UTF-8 first.");
        Failure { file: Some(file.to_owned()), line: u32::try_from(line).ok(), ..failure }
    })
}
