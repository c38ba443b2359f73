//! An import that is run again when people are already here: what they did here stays, and what came since comes.

use std::ops::ControlFlow;

use confab_server::{ImportProgress, Imported, import_twilio};
use serde_json::{Value, json};

use super::back_end::{ask, data, listed, made, stage};
use super::harness::Server;
use super::import::end;

const DATED: &str = "DateCreated=2021-05-06T07:08:09Z&DateUpdated=2021-05-06T07:08:10Z";

/// Both ends, and a key of each.
struct Ends {
    there: Server,
    here: Server,
    old: Value,
    new: Value,
}

impl Ends {
    fn start() -> Self {
        let (there, here) = (Server::start(), Server::start());
        let (old, new) = (stage(&there)["key"].clone(), stage(&here)["key"].clone());
        Self { there, here, old, new }
    }

    /// Imports to the end, and gives what it came to and what it said of what stays behind.
    async fn import(&self) -> (Imported, Vec<(String, String)>) {
        let (from, to) = (end(&self.there, &self.old), end(&self.here, &self.new));
        let run = move || {
            let mut left = Vec::new();
            let done = import_twilio(&from, &to, &mut |progress| {
                if let ImportProgress::Left { what, why } = progress {
                    left.push((what.clone(), why.clone()));
                }
                ControlFlow::Continue(())
            });
            (done.unwrap(), left)
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }

    async fn there(&self, path: &str, form: &str) -> Value {
        made(&self.there, &self.old, path, form).await
    }

    async fn here(&self, path: &str, form: &str) -> Value {
        made(&self.here, &self.new, path, form).await
    }

    async fn gone_here(&self, path: &str) {
        assert_eq!(ask(&self.here, &self.new, "DELETE", path, "").await.0, 204, "{path}");
    }

    async fn found(&self, path: &str) -> Value {
        ask(&self.here, &self.new, "GET", path, "").await.1
    }

    async fn bodies(&self, path: &str) -> Vec<Value> {
        let rows = listed(&self.here, &self.new, &format!("{path}/Messages"), "messages").await;
        rows.into_iter().map(|row| row["body"].clone()).collect()
    }

    fn verified(&self) {
        assert_eq!(confab_server::verify(&data(&self.here), true).unwrap().report.findings, []);
    }
}

/// Makes a conversation there, and gives its path.
async fn talk(ends: &Ends, form: &str) -> String {
    let talk = ends.there("/v1/Conversations", &format!("{form}&{DATED}")).await;
    format!("/v1/Conversations/{}", talk["sid"].as_str().unwrap())
}

/// Says something there, and gives its path.
async fn said(ends: &Ends, path: &str, text: &str) -> String {
    let messages = format!("{path}/Messages");
    let said = ends.there(&messages, &format!("Author=Ana&Body={text}&{DATED}")).await;
    format!("{messages}/{}", said["sid"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_left_and_users_who_were_let_go_here_stay_away() {
    let ends = Ends::start();
    let path = talk(&ends, "FriendlyName=Plans").await;
    let people = format!("{path}/Participants");
    for name in ["Ana", "Bo", "Clara"] {
        ends.there(&people, &format!("Identity={name}")).await;
        ends.there("/v1/Users", &format!("Identity={name}%20elsewhere")).await;
    }
    said(&ends, &path, "first").await;
    for name in ["Bo", "Clara"] {
        ends.there(&format!("{people}/{name}"), "LastReadMessageIndex=0").await;
    }
    ends.import().await;
    ends.gone_here(&format!("{people}/Bo")).await;
    ends.gone_here("/v1/Users/Clara").await;
    said(&ends, &path, "second").await;
    ends.there(&format!("{path}/Messages"), "Author=Clara&Body=third").await;
    ends.there(&format!("{people}/Bo"), "LastReadMessageIndex=1").await;

    let (again, left) = ends.import().await;
    assert_eq!((again.users, again.messages, again.left.messages, again.left.participants), (0, 1, 1, 0));
    assert_eq!(left.iter().map(|(what, _)| &what[..]).collect::<Vec<_>>(), ["message 2 of Plans"]);
    assert_eq!(ends.bodies(&path).await, ["first", "second"]);
    let inside = listed(&ends.here, &ends.new, &people, "participants").await;
    assert_eq!(inside.iter().map(|row| &row["identity"]).collect::<Vec<_>>(), ["Ana"]);
    assert_eq!(ask(&ends.here, &ends.new, "GET", "/v1/Users/Clara", "").await.0, 404);
    ends.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_that_were_deleted_here_or_whose_name_is_taken_are_left_with_a_word() {
    let ends = Ends::start();
    let deleted = talk(&ends, "FriendlyName=Deleted").await;
    said(&ends, &deleted, "before").await;
    ends.import().await;
    ends.gone_here(&deleted).await;
    said(&ends, &deleted, "after").await;
    let taken = talk(&ends, "FriendlyName=Taken&UniqueName=plans").await;
    said(&ends, &taken, "nobody reads it").await;
    ends.here("/v1/Conversations", "UniqueName=plans").await;
    let last = talk(&ends, "FriendlyName=Last").await;
    said(&ends, &last, "it goes on").await;

    let (again, left) = ends.import().await;
    assert_eq!((again.conversations, again.messages, again.left.conversations), (3, 1, 2));
    let mut why: Vec<&str> = left.iter().map(|(_, why)| &why[..]).collect();
    why.sort_unstable();
    assert_eq!(why, ["another conversation here has its unique name plans", "it was deleted here"]);
    assert!(left.iter().any(|(what, _)| what.ends_with("(Deleted)")), "{left:?}");
    assert_eq!(ends.bodies(&last).await, ["it goes on"]);
    ends.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn horizons_go_forward_alone_and_by_the_message_that_they_were_at() {
    let ends = Ends::start();
    let path = talk(&ends, "").await;
    let people = format!("{path}/Participants");
    for text in ["first", "second", "third"] {
        said(&ends, &path, text).await;
    }
    for name in ["Ana", "Bo", "Clara"] {
        ends.there(&people, &format!("Identity={name}&{DATED}")).await;
        let form = "LastReadMessageIndex=1&LastReadTimestamp=2021-05-07T00:00:00Z";
        ends.there(&format!("{people}/{name}"), form).await;
    }
    ends.import().await;
    let ana = format!("{people}/Ana");
    assert_eq!(ends.found(&ana).await["last_read_timestamp"], "2021-05-07T00:00:00Z");
    ends.here(&format!("{path}/Messages"), "Author=Ana&Body=from%20here").await;
    // Ana marks as unread, Bo reads on; of Clara nothing is heard here.
    ends.here(&ana, "LastReadMessageIndex=0").await;
    ends.here(&format!("{people}/Bo"), "LastReadMessageIndex=3").await;
    said(&ends, &path, "late").await;
    ends.there(&format!("{people}/Clara"), "LastReadMessageIndex=3").await;

    ends.import().await;
    let mut read = Vec::new();
    for name in ["Ana", "Bo", "Clara"] {
        read.push(ends.found(&format!("{people}/{name}")).await["last_read_message_index"].clone());
    }
    assert_eq!(ends.bodies(&path).await, ["first", "second", "third", "from here", "late"]);
    assert_eq!(read, [json!(0), json!(3), json!(4)]);
    ends.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_there_comes_along_unless_it_was_changed_here_since() {
    let ends = Ends::start();
    let path = talk(&ends, "FriendlyName=Plans").await;
    let (first, second, third) = (
        said(&ends, &path, "first").await,
        said(&ends, &path, "second").await,
        said(&ends, &path, "third").await,
    );
    let asleep = talk(&ends, "FriendlyName=Asleep&UniqueName=asleep").await;
    ends.there(&asleep, "State=inactive&DateUpdated=2021-05-07T00:00:00Z").await;
    let renamed = talk(&ends, "FriendlyName=Old").await;
    ends.import().await;
    assert_eq!(ends.found(&asleep).await["state"], "inactive");
    ends.here(&second, "Body=second%20here").await;
    ends.gone_here(&third).await;
    ends.here(&asleep, "State=active").await;
    ends.here(&path, "FriendlyName=Plans%20here").await;
    let before = "DateUpdated=2022-05-06T07:08:09Z";
    for message in [&first, &second, &third] {
        ends.there(message, &format!("Body=changed%20there&{before}")).await;
    }
    for talk in [&path, &renamed] {
        ends.there(talk, &format!("FriendlyName=New&{before}")).await;
    }

    let (again, left) = ends.import().await;
    assert_eq!((again.messages, again.changed, left), (0, 1, Vec::new()));
    assert_eq!(ends.bodies(&path).await, ["changed there", "second here"]);
    assert_eq!(ends.found(&first).await["date_updated"], "2022-05-06T07:08:09Z");
    assert_eq!(ends.found(&asleep).await["state"], "active");
    assert_eq!(ends.found(&path).await["friendly_name"], "Plans here");
    assert_eq!(ends.found(&renamed).await["friendly_name"], "New");
    assert_eq!(ends.import().await.0.changed, 0);
    ends.verified();
}

/// The name of a role here.
async fn role(ends: &Ends, sid: &Value) -> Value {
    ends.found(&format!("/v1/Roles/{}", sid.as_str().unwrap())).await["friendly_name"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_levels_and_addresses_come_along_once_and_timers_are_said_to_stay() {
    let ends = Ends::start();
    let path = talk(&ends, "FriendlyName=Plans").await;
    talk(&ends, "Timers.Inactive=P1D").await;
    let people = format!("{path}/Participants");
    let guest = ends.there("/v1/Roles", "FriendlyName=guest&Type=conversation&Permission=sendMessage").await;
    let clerk = ends.there("/v1/Roles", "FriendlyName=clerk&Type=service&Permission=joinConversation").await;
    let [guest, clerk] = [&guest, &clerk].map(|role| role["sid"].as_str().unwrap().to_owned());
    ends.there("/v1/Users", &format!("Identity=Ana&RoleSid={clerk}")).await;
    ends.there(&people, &format!("Identity=Ana&RoleSid={guest}")).await;
    ends.there(&people, &format!("Identity=Bo&RoleSid=RL{}3", "0".repeat(31))).await;
    let own = path.replace("/v1/", "/v1/Users/Ana/");
    ends.there(&own, "NotificationLevel=muted").await;
    let binding = "MessagingBinding.Address=%2B15550100&MessagingBinding.ProxyAddress=%2B15550199";
    let outside = ends.there(&people, &format!("{binding}&Attributes=%7B%22via%22%3A1%7D&{DATED}")).await;
    let outside = format!("{people}/{}", outside["sid"].as_str().unwrap());
    ends.there(&format!("{path}/Messages"), "Author=%2B15550100&Body=by%20telephone").await;
    ends.there(&path, "State=inactive").await;

    let (done, left) = ends.import().await;
    assert_eq!((done.left.timers, done.left.roles, done.left.participants, left), (1, 0, 0, Vec::new()));
    assert_eq!(ends.found(&path).await["state"], "inactive");
    let there = ask(&ends.there, &ends.old, "GET", &outside, "").await.1;
    let here = ends.found(&outside).await;
    for name in ["sid", "messaging_binding", "attributes", "date_created", "date_updated"] {
        assert_eq!(here[name], there[name], "{name}");
    }
    let spoken = listed(&ends.here, &ends.new, &format!("{path}/Messages"), "messages").await.remove(0);
    assert_eq!((&spoken["author"], &spoken["participant_sid"]), (&json!("+15550100"), &here["sid"]));
    assert_eq!(ask(&ends.here, &ends.new, "GET", "/v1/Users/%2B15550100", "").await.0, 404);
    assert_eq!(role(&ends, &ends.found(&format!("{people}/Ana")).await["role_sid"]).await, "guest");
    assert_eq!(role(&ends, &ends.found(&format!("{people}/Bo")).await["role_sid"]).await, "owner");
    assert_eq!(role(&ends, &ends.found("/v1/Users/Ana").await["role_sid"]).await, "clerk");
    assert_eq!(ends.found(&own).await["notification_level"], "muted");
    // What people here change after that stays theirs.
    ends.gone_here(&outside).await;
    ends.here(&own, "NotificationLevel=default").await;
    ends.here(&format!("{people}/Ana"), &format!("RoleSid=RL{}4", "0".repeat(31))).await;
    ends.import().await;
    assert_eq!(ask(&ends.here, &ends.new, "GET", &outside, "").await.0, 404);
    assert_eq!(ends.found(&own).await["notification_level"], "default");
    assert_eq!(role(&ends, &ends.found(&format!("{people}/Ana")).await["role_sid"]).await, "participant");
    assert_eq!(listed(&ends.here, &ends.new, "/v1/Roles", "roles").await.len(), 6);
    ends.verified();
}
