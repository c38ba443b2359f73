//! Doors for those who test what the server reads of others: its own keys and letters, without a server.

use confab_protocol::{Epoch, MediaSid, Timestamp, UserSid, WorkspaceSid};
use uuid::Uuid;

use crate::control;
use crate::media::{self, Address};
use crate::token::TokenKeys;
use crate::twilio;

/// When everything happens.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn keys() -> TokenKeys {
    let keys = vec![("SK1".to_owned(), b"a secret of the tests".to_vec())];
    TokenKeys::new(WorkspaceSid(Uuid::from_u128(1)), keys).expect("invariant: there is a key")
}

/// The one token that is believed: signed once, because what is random in a token would make each another one.
#[must_use]
pub fn signed() -> String {
    SIGNED.concat()
}

const SIGNED: &[&str] = &[
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImN0eSI6InR3aWxpby1mcGE7dj0xIiwia2lkIjoiU0sxIn0.eyJqdGkiOiJTSzEt",
    "MjVjYTY4NWU5ZjMxZTE1MSIsImlzcyI6IlNLMSIsInN1YiI6IklTMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDEiLCJp",
    "YXQiOjE3OTUwMDAwMDAsImV4cCI6MTc5NTAwMDA2MCwiZ3JhbnRzIjp7ImlkZW50aXR5IjoiSW5ncmlkIiwiY2hhdCI6eyJzZXJ2",
    "aWNlX3NpZCI6IklTMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDEifX0sImRldmljZSI6IkRWMDAwMDAwMDAwMDAwMDAw",
    "MDAwMDAwMDAwMDAwMDAwMDUifQ.NYw5F55CRhw_0Y0L69UTHbJXC4T0km0QxRfcLlMMcCo",
];

/// Whether an access token is believed.
#[must_use]
pub fn is_believed(token: &str) -> bool {
    keys().verify(token, NOW).is_ok()
}

/// The token of the door that [`is_admitted`] speaks of.
const DOOR: &str = "the token of the door";

/// A letter to the operator's door that is carried out.
#[must_use]
pub fn letter() -> String {
    format!(r#"{{"token":"{DOOR}","order":{{"invite":{{"expires_in_ms":60000,"max_uses":3}}}}}}"#)
}

/// Whether a line to the operator's door would be carried out, at a door whose token is that of [`letter`].
#[must_use]
pub fn is_admitted(line: &str) -> bool {
    control::admitted(line, DOOR).is_ok()
}

/// A packet of a stock Twilio client.
#[must_use]
pub fn stock_packet() -> Vec<u8> {
    let body = r#"{"body":"Good morning","attributes":"{}"}"#;
    let header = format!(
        r#"{{"method":"message","id":"TM1","payload_size":{},"http_request":{{"host":"h","path":"/Client/v2/Users/Zo%C3%AB","method":"POST","params":{{"PageToken":"asc.50.a%3D"}},"headers":{{}}}}}}"#,
        body.len()
    );
    format!("TWILSOCK V3.0 {}\r\n{header}\r\n{body}", header.len()).into_bytes()
}

/// Whether bytes are a packet of a stock client; reads everything that it says.
#[must_use]
pub fn is_stock_packet(bytes: &[u8]) -> bool {
    twilio::is_packet(bytes)
}

const MEDIA: MediaSid = MediaSid(Uuid::from_u128(5));
const EPOCH: Epoch = Epoch(Uuid::from_u128(9));

/// The query of the one address of a file that is believed.
#[must_use]
pub fn address() -> String {
    let address = Address { media: MEDIA, user: UserSid(Uuid::from_u128(6)), expires: NOW.plus(60_000) };
    let url = address.write(&keys(), EPOCH);
    url.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
}

/// Whether an address of a file is believed. What was read of it is told: file, user and end.
#[must_use]
pub fn believed_address(query: &str) -> Option<String> {
    let (address, signature) = Address::read(MEDIA, query).ok()?;
    address.verify(&signature, &keys(), EPOCH, NOW).ok()?;
    Some(format!("{address:?}"))
}

/// Looks at the first bytes of a file: what they say that it is, and how large a picture.
#[must_use]
pub fn looked_at(first: &[u8]) -> (Option<String>, Option<(u32, u32)>) {
    (media::sniff(first), media::dimensions(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_packet_is_read_and_none_that_is_cut_off() {
        let packet = stock_packet();
        assert!(is_stock_packet(&packet) && !is_stock_packet(&packet[..packet.len() - 1]));
    }

    #[test]
    fn the_one_token_and_the_one_letter_are_taken() {
        assert!(is_believed(&signed()) && is_admitted(&letter()));
        assert!(
            !is_believed(&signed().replacen('e', "f", 1)) && !is_admitted(&letter().replacen("door", "d", 1))
        );
    }
}
