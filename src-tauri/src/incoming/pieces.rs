//! Pieces that arrive one by one, read as one file.

use std::io::{self, Read};

use tokio::sync::mpsc::Receiver;

/// Reads pieces until there are as many bytes as were promised. Must be read where waiting is allowed.
pub(crate) struct PieceReader {
    pieces: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    read: usize,
    rest: u64,
}

impl PieceReader {
    pub(crate) fn new(pieces: Receiver<Vec<u8>>, size: u64) -> Self {
        Self { pieces, piece: Vec::new(), read: 0, rest: size }
    }
}

impl Read for PieceReader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.rest == 0 || to.is_empty() {
            return Ok(0);
        }
        while self.read == self.piece.len() {
            // Whoever brings them has gone before the end: what there is of it is not the file.
            self.piece = self.pieces.blocking_recv().ok_or(io::ErrorKind::UnexpectedEof)?;
            self.read = 0;
        }
        let rest = usize::try_from(self.rest).unwrap_or(usize::MAX);
        let some = to.len().min(self.piece.len() - self.read).min(rest);
        to[..some].copy_from_slice(&self.piece[self.read..self.read + some]);
        self.read += some;
        self.rest -= some as u64;
        Ok(some)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    fn read(pieces: &[&[u8]], size: u64) -> io::Result<Vec<u8>> {
        let (sender, receiver) = mpsc::channel(pieces.len().max(1));
        for piece in pieces {
            sender.blocking_send(piece.to_vec()).unwrap();
        }
        drop(sender);
        let mut bytes = Vec::new();
        PieceReader::new(receiver, size).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn pieces_make_one_file_and_one_that_breaks_off_is_none() {
        assert_eq!(read(&[b"hel", b"", b"lo"], 5).unwrap(), b"hello");
        assert_eq!(read(&[], 0).unwrap(), b"");
        assert_eq!(read(&[b"hello, and more"], 5).unwrap(), b"hello");
        assert_eq!(read(&[b"hel"], 5).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
