//! The REST API as no library asks it: what proxies add, and what the answers hold.

use serde_json::{Value, json};

use super::back_end::{made, stage};
use super::harness::Server;
use super::import::login;

/// One request with a key and more headers.
async fn asked(
    server: &Server,
    key: &Value,
    method: &str,
    path: &str,
    headers: &str,
    form: &str,
) -> (u16, Value) {
    let headers = format!("{}{headers}Content-Type: application/x-www-form-urlencoded\r\n", login(key));
    server.request(method, path, &headers, form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_answers_are_those_of_the_proxy_that_ends_tls() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    for _ in 0..2 {
        made(&server, &key, "/v1/Conversations", "").await;
    }
    let headers = "X-Forwarded-Proto: https\r\n";
    let (status, page) = asked(&server, &key, "GET", "/v1/Conversations?PageSize=1", headers, "").await;
    assert_eq!(status, 200, "{page}");
    let addresses = [&page["meta"]["next_page_url"], &page["conversations"][0]["links"]["messages"]];
    for address in addresses {
        let begin = format!("https://{}/v1/", server.address());
        assert!(address.as_str().unwrap().starts_with(&begin), "{address}");
    }
    let (_, plain) = asked(&server, &key, "GET", "/v1/Conversations", "", "").await;
    let begin = format!("http://{}/v1/", server.address());
    assert!(plain["meta"]["url"].as_str().unwrap().starts_with(&begin), "{plain}");
    assert_eq!(plain["meta"]["next_page_url"], json!(null));
}

/// A document of the API, by which answers are judged.
struct Document(Value);

impl Document {
    /// What a reference leads to.
    fn at<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).expect("it leads somewhere"),
            None => schema,
        }
    }

    /// That an answer is one of those which the document has for a route.
    fn holds(&self, method: &str, route: &str, (status, body): &(u16, Value)) {
        let operation = &self.0["paths"][format!("/v1{route}")][method];
        let answer = &operation["responses"][status.to_string()];
        assert!(answer.is_object(), "{method} {route}: {status} {body}");
        let schema = &answer["content"]["application/json"]["schema"];
        if !schema.is_null() {
            self.fits(self.at(schema), body, route);
        }
    }

    fn fits(&self, schema: &Value, body: &Value, place: &str) {
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            Value::Null => return,
            one => vec![one.clone()],
        };
        assert!(kinds.contains(&json!(kind(body))), "{place}: {body} is not of {kinds:?}");
        for row in body.as_array().into_iter().flatten() {
            self.fits(self.at(&schema["items"]), row, place);
        }
        let (Some(fields), Some(there)) = (schema["properties"].as_object(), body.as_object()) else {
            return;
        };
        let (mut said, mut found): (Vec<_>, Vec<_>) = (fields.keys().collect(), there.keys().collect());
        said.sort_unstable();
        found.sort_unstable();
        assert_eq!(said, found, "{place}");
        for (name, field) in fields {
            self.fits(self.at(field), &body[name], &format!("{place}: {name}"));
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_says_what_the_server_answers() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    let document = Document(server.request("GET", "/v1/openapi.json", "", "").await.1);
    let service = key["service_sid"].as_str().unwrap();
    let person = "%7B%22identity%22%3A%22Ana%22%7D";
    let hook = "Target=webhook&Configuration.Url=https%3A%2F%2Fhooks.example.org%2F";
    let address = "MessagingBinding.Address=%2B15550100";
    // Where one name stands in a route it is the conversation's, or that of what was made last.
    let steps = [
        ("post", "/ConversationWithParticipants", format!("Participant={person}&Timers.Inactive=P1D")),
        ("post", "/Conversations", "FriendlyName=Plans".into()),
        ("get", "/Conversations/{conversation}", String::new()),
        ("post", "/Conversations/{conversation}", "UniqueName=plans".into()),
        ("get", "/Conversations", String::new()),
        ("post", "/Conversations/{conversation}/Participants", "Identity=Ana".into()),
        ("get", "/Conversations/{conversation}/Participants/{participant}", String::new()),
        ("post", "/Conversations/{conversation}/Participants", address.into()),
        ("get", "/Conversations/{conversation}/Participants", String::new()),
        ("post", "/Conversations/{conversation}/Messages", "Author=Ana&Body=hello".into()),
        ("get", "/Conversations/{conversation}/Messages/{message}", String::new()),
        ("get", "/Conversations/{conversation}/Messages/{message}/Receipts", String::new()),
        ("get", "/Conversations/{conversation}/Messages", String::new()),
        ("post", "/Conversations/{conversation}/Webhooks", hook.into()),
        ("get", "/Conversations/{conversation}/Webhooks", String::new()),
        ("delete", "/Conversations/{conversation}/Webhooks/{webhook}", String::new()),
        ("get", "/Users/Ana/Conversations", String::new()),
        ("post", "/Users/Ana/Conversations/{conversation}", "NotificationLevel=muted".into()),
        ("get", "/ParticipantConversations", "?Identity=Ana".into()),
        ("get", "/ParticipantConversations", "?Address=%2B15550100".into()),
        ("post", "/Users", "Identity=Bo".into()),
        ("get", "/Users/{user}", String::new()),
        ("get", "/Users", String::new()),
        ("delete", "/Users/{user}", String::new()),
        ("post", "/Roles", "FriendlyName=guest&Type=conversation&Permission=sendMessage".into()),
        ("get", "/Roles/{role}", String::new()),
        ("get", "/Roles", String::new()),
        ("get", "/Services", String::new()),
        ("get", "/Services/{service}", String::new()),
        ("get", "/Services/{service}/Bindings", String::new()),
        ("get", "/Services/{service}/Configuration", String::new()),
        ("post", "/Services/{service}/Configuration/Notifications", "LogEnabled=true".into()),
        ("get", "/Configuration", String::new()),
        ("get", "/Configuration/Webhooks", String::new()),
    ];
    let (mut talk, mut last) = (String::new(), String::new());
    for (method, route, form) in steps {
        let mut path = String::from("/v1");
        for part in route.split('/').skip(1) {
            path.push('/');
            path.push_str(match part {
                "{conversation}" => &talk,
                "{service}" => service,
                part if part.starts_with('{') => &last,
                part => part,
            });
        }
        let (query, form) = if form.starts_with('?') { (form, String::new()) } else { (String::new(), form) };
        let answer = asked(&server, &key, &method.to_uppercase(), &format!("{path}{query}"), "", &form).await;
        document.holds(method, &route.replace("/Ana", "/{user}"), &answer);
        if let Some(sid) = answer.1["sid"].as_str() {
            last = sid.to_owned();
            talk = if route.ends_with("/Conversations") { last.clone() } else { talk };
        }
    }
    let of = |route: &str, method: &str| document.0["paths"][format!("/v1{route}")][method].clone();
    let names: Vec<Value> = of("/Conversations", "get")["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].clone())
        .collect();
    assert_eq!(names, ["StartDate", "EndDate", "State", "PageSize", "Page", "PageToken"]);
    let header = &of("/Conversations/{conversation}/Messages", "post")["parameters"][1];
    assert_eq!((&header["name"], &header["in"]), (&json!("X-Twilio-Webhook-Enabled"), &json!("header")));
    let form = &of("/ConversationWithParticipants", "post")["requestBody"]["content"];
    let form = &form["application/x-www-form-urlencoded"]["schema"]["properties"];
    assert!(form["Participant"].is_object() && form["FriendlyName"].is_object(), "{form}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_that_the_service_gives_are_given_to_whom_a_program_brings() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    let role = |name: &str, kind: &str, permission: &str| {
        format!("FriendlyName={name}&Type={kind}&Permission={permission}")
    };
    let guest = made(&server, &key, "/v1/Roles", &role("guest", "conversation", "sendMessage")).await;
    let clerk = made(&server, &key, "/v1/Roles", &role("clerk", "service", "joinConversation")).await;
    let path = format!("/v1/Services/{}/Configuration", key["service_sid"].as_str().unwrap());
    let [guest, clerk] = [guest, clerk].map(|role| role["sid"].as_str().unwrap().to_owned());
    let form = format!("DefaultConversationRoleSid={guest}&DefaultChatServiceRoleSid={clerk}");
    made(&server, &key, &path, &form).await;
    let person = "Participant=%7B%22identity%22%3A%22Ana%22%7D";
    let talk = made(&server, &key, "/v1/ConversationWithParticipants", person).await;
    let people = format!("/v1/Conversations/{}/Participants", talk["sid"].as_str().unwrap());
    let bo = made(&server, &key, &people, "Identity=Bo").await;
    let (_, ana) = asked(&server, &key, "GET", &format!("{people}/Ana"), "", "").await;
    assert_eq!((&bo["role_sid"], &ana["role_sid"]), (&json!(guest), &json!(guest)));
    let (_, user) = asked(&server, &key, "GET", "/v1/Users/Bo", "", "").await;
    assert_eq!(user["role_sid"], json!(clerk));
    // A role that cannot be given keeps nobody out.
    let form = format!("DefaultConversationRoleSid={clerk}&DefaultChatServiceRoleSid={guest}");
    made(&server, &key, &path, &form).await;
    let clara = made(&server, &key, &people, "Identity=Clara").await;
    assert_eq!(clara["identity"], "Clara");
}
