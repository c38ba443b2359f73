//! Cuts a stream of XML into the stream's opening tag and whole stanzas. It checks nothing: peers on loopback are well-formed.

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Reads stanzas.
#[derive(Debug)]
pub(crate) struct Scanner<R> {
    from: R,
    buffer: Vec<u8>,
    /// Where the next byte to look at stands.
    at: usize,
    /// Elements open at `at`, the stream itself not counted.
    depth: usize,
}

/// What a tag does to the depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Opens,
    Closes,
    /// `<a/>`, or the opening of the stream, which stands for itself.
    Stands,
    /// A declaration.
    Nothing,
}

impl<R: AsyncRead + Unpin> Scanner<R> {
    /// A scanner at the start of a stream.
    pub(crate) fn new(from: R) -> Self {
        Self { from, buffer: Vec::with_capacity(4_096), at: 0, depth: 0 }
    }

    /// The next stanza, or the opening of a stream.
    pub(crate) async fn next(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(end) = self.end_of_stanza() {
                let stanza: Vec<u8> = self.buffer.drain(..end).collect();
                self.at = 0;
                return String::from_utf8(stanza)
                    .map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidData));
            }
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn end_of_stanza(&mut self) -> Option<usize> {
        loop {
            let start = self.at + self.buffer[self.at..].iter().position(|&byte| byte == b'<')?;
            let end = end_of_tag(&self.buffer, start)?;
            self.at = end;
            match kind(&self.buffer[start..end]) {
                Tag::Opens => self.depth += 1,
                Tag::Closes => self.depth = self.depth.saturating_sub(1),
                Tag::Stands => {}
                Tag::Nothing => continue,
            }
            if self.depth == 0 {
                return Some(end);
            }
        }
    }
}

/// Behind the `>` that ends the tag at `start`, quotes respected.
fn end_of_tag(bytes: &[u8], start: usize) -> Option<usize> {
    let mut quote = None;
    for (offset, &byte) in bytes[start..].iter().enumerate() {
        match quote {
            Some(open) if open == byte => quote = None,
            Some(_) => {}
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None if byte == b'>' => return Some(start + offset + 1),
            None => {}
        }
    }
    None
}

fn kind(tag: &[u8]) -> Tag {
    if tag.starts_with(b"<?") {
        Tag::Nothing
    } else if tag.starts_with(b"<stream:stream")
        || tag.starts_with(b"</stream:stream")
        || tag.ends_with(b"/>")
    {
        Tag::Stands
    } else if tag.starts_with(b"</") {
        Tag::Closes
    } else {
        Tag::Opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn cut(text: &[u8]) -> Vec<String> {
        let mut scanner = Scanner::new(text);
        let mut found = Vec::new();
        while let Ok(stanza) = scanner.next().await {
            found.push(stanza);
        }
        found
    }

    #[tokio::test]
    async fn stanzas_come_out_whole() {
        let text = b"<?xml version='1.0'?><stream:stream id='1'><stream:features><a/></stream:features>\
            <message id='a>b'><body>1 &lt; 2</body></message><presence/>";
        assert_eq!(
            cut(text).await,
            [
                "<?xml version='1.0'?><stream:stream id='1'>",
                "<stream:features><a/></stream:features>",
                "<message id='a>b'><body>1 &lt; 2</body></message>",
                "<presence/>",
            ]
        );
    }

    #[tokio::test]
    async fn half_a_stanza_is_none() {
        assert_eq!(cut(b"<message><body>1</body>").await, Vec::<String>::new());
    }
}
