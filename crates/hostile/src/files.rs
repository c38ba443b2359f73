//! Files of others, and addresses of files.

/// An address of a file is believed only as it was given out: whatever else stands in the query, it says the same.
pub(crate) fn address(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    if let Some(read) = confab_server::fuzz::believed_address(query) {
        let given = confab_server::fuzz::believed_address(&confab_server::fuzz::address());
        assert_eq!(Some(read), given, "{query}");
    }
}

/// The first bytes of a file are looked at, and nothing of it is decoded.
pub(crate) fn file(bytes: &[u8]) {
    let (sniffed, size) = confab_server::fuzz::looked_at(bytes);
    assert!(sniffed.is_none_or(|kind| kind.contains('/')) && size.is_none_or(|(width, _)| width <= 65_535));
}
