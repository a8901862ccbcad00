//! The size in which terminals are opened: what the room that watched last would give them. A program draws its first
//! lines before anybody can watch it; in the right size they need no reflow, which no box of lines survives.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::session::Size;

/// The size in which the next terminal is opened. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct OpeningSize(Arc<AtomicU32>);

impl OpeningSize {
    /// Takes what a client says; a size without cells says nothing.
    pub(super) fn tell(&self, size: Size) {
        if size.columns > 0 && size.rows > 0 {
            self.0.store(u32::from(size.columns) << 16 | u32::from(size.rows), Ordering::Relaxed);
        }
    }

    /// What was told last, or `unseen` while nobody told any.
    pub(super) fn or(&self, unseen: Size) -> Size {
        let [columns, columns_low, rows, rows_low] = self.0.load(Ordering::Relaxed).to_be_bytes();
        match (u16::from_be_bytes([columns, columns_low]), u16::from_be_bytes([rows, rows_low])) {
            (0, _) | (_, 0) => unseen,
            (columns, rows) => Size { columns, rows },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OpeningSize;
    use crate::session::Size;

    #[test]
    fn the_size_told_last_counts_and_none_is_none() {
        let unseen = Size { columns: 100, rows: 30 };
        let opening = OpeningSize::default();
        assert_eq!(opening.or(unseen), unseen);
        opening.clone().tell(Size { columns: 321, rows: 7 });
        opening.tell(Size { columns: 0, rows: 9 });
        assert_eq!(opening.or(unseen), Size { columns: 321, rows: 7 });
    }
}
