//! What people paste and programs pass on as text: links, addresses, keys, tokens, letters to the operator's door.

use std::cell::RefCell;

use confab_client::address::Address;
use confab_client::fingerprint::Fingerprint;
use confab_core::Key;
use confab_domain::Read as _;
use confab_domain::account::{self, Refreshed};
use confab_protocol::{ClientId, ConversationSid, Link, MessageSid};
use confab_testkit::World;

/// Anything that is pasted: it is what it says, or nothing.
pub(crate) fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(link) = text.parse::<Link>() {
        assert_eq!(link.to_string().parse().as_ref(), Ok(&link));
    }
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string().parse().as_ref(), Ok(&address));
        assert!(!address.host().is_empty() && address.port() > 0);
    }
    if let Ok(key) = text.parse::<Key>() {
        assert_eq!(
            key.to_string(),
            text.to_lowercase().replacen("ch", "CH", usize::from(text.starts_with("CH")))
        );
    }
    if let Ok(fingerprint) = text.parse::<Fingerprint>() {
        assert_eq!(fingerprint.to_string().len(), 64);
    }
    if let Ok(sid) = text.parse::<ConversationSid>() {
        assert!(sid.to_string().eq_ignore_ascii_case(text));
    }
    if let Ok(sid) = text.parse::<MessageSid>() {
        assert!(sid.to_string().eq_ignore_ascii_case(text));
    }
    // Both forms of an id are read; both name the same.
    if let Ok(id) = text.parse::<ClientId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}

/// An access token is believed only as it was signed.
pub(crate) fn access_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(!confab_server::fuzz::is_believed(text) || text == confab_server::fuzz::signed());
}

/// A letter to the operator's door is carried out only with the door's token.
pub(crate) fn letter(bytes: &[u8]) {
    let Ok(line) = std::str::from_utf8(bytes) else { return };
    if confab_server::fuzz::is_admitted(line) {
        assert!(line.contains("the token of the door"), "{line}");
    }
}

thread_local! {
    /// A workspace with a device that is signed in, and its refresh token.
    static SIGNED_IN: RefCell<(World, String)> = RefCell::new(signed_in());
}

fn signed_in() -> (World, String) {
    let mut world = World::default();
    let minted = world.write(|now, ids, store| account::mint_invite(None, None, now, ids, store));
    let secret = minted.expect("an invite").secret;
    let grant = world.join(&secret, "Ana", account::Password::New("hash")).expect("a user");
    (world, grant.refresh_token)
}

/// The refresh token of a device that is signed in: what mutations begin with.
pub(crate) fn good_refresh_token() -> String {
    SIGNED_IN.with_borrow(|(_, token)| token.clone())
}

/// A refresh token is believed only as it was given out; others change nothing, unless they show that the device was copied.
pub(crate) fn refresh_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    SIGNED_IN.with_borrow(|(world, good)| {
        let mut world = world.clone();
        let before = world.store.clone();
        let outcome = world.write(|now, _, store| account::refresh(text, now, store)).expect("memory works");
        match outcome {
            Refreshed::Granted(_) => assert_eq!(text, good, "a token that was never given out"),
            Refreshed::Denied { events } if events.is_empty() => assert!(world.store == before, "{text}"),
            Refreshed::Denied { .. } => {
                let family = |token: &str| token.split('.').next().map(str::to_owned);
                assert_eq!(family(text), family(good), "somebody else's device was signed out");
                assert!(world.store.workspace().is_ok_and(|row| row.is_some()));
            }
        }
    });
}
