//! The running server over real sockets on the loopback interface.

#[cfg(test)]
#[path = "wire/harness.rs"]
mod harness;

#[cfg(test)]
#[path = "wire/api_keys.rs"]
mod api_keys;
#[cfg(test)]
#[path = "wire/back_end.rs"]
mod back_end;
#[cfg(test)]
#[path = "wire/backup.rs"]
mod backup;
#[path = "wire/chat.rs"]
mod chat;
#[cfg(test)]
#[path = "wire/conversations.rs"]
mod conversations;
#[path = "wire/devices.rs"]
mod devices;
#[path = "wire/doors.rs"]
mod doors;
#[path = "wire/ephemeral.rs"]
mod ephemeral;
#[path = "wire/hello.rs"]
mod hello;
#[cfg(test)]
#[path = "wire/history.rs"]
mod history;
#[cfg(test)]
#[path = "wire/import.rs"]
mod import;
#[cfg(test)]
#[path = "wire/import_again.rs"]
mod import_again;
#[path = "wire/leftovers.rs"]
mod leftovers;
#[path = "wire/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "wire/media.rs"]
mod media;
#[path = "wire/outside.rs"]
mod outside;
#[cfg(test)]
#[path = "wire/people.rs"]
mod people;
#[cfg(test)]
#[path = "wire/profiles.rs"]
mod profiles;
#[cfg(test)]
#[path = "wire/rest.rs"]
mod rest;
#[path = "wire/restart.rs"]
mod restart;
#[cfg(test)]
#[path = "wire/roles.rs"]
mod roles;
#[cfg(test)]
#[path = "wire/stock.rs"]
mod stock;
#[cfg(test)]
#[path = "wire/subscriptions.rs"]
mod subscriptions;
#[cfg(test)]
#[path = "wire/tail.rs"]
mod tail;
#[cfg(test)]
#[path = "wire/verify.rs"]
mod verify;
#[cfg(test)]
#[path = "wire/wrong.rs"]
mod wrong;
