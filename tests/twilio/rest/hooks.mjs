// Hooks: asked before, told after, signed so that the stock library knows them; changed and refused; told again until they listen.

import http from "node:http";
import { assert, client, play, refused, stage, twilio, until } from "./stage.mjs";

const api = client().conversations.v1;
const heard = [];
/** What the receiver answers: by default that it has heard. */
let answer = () => [200, ""];

const receiver = http.createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const url = `http://${request.headers.host}${request.url}`;
    const params = Object.fromEntries(new URLSearchParams(body));
    const isSigned = twilio.validateRequest(stage.key.secret, request.headers["x-twilio-signature"], url, params);
    const call = { path: request.url, params, isSigned, token: request.headers["i-twilio-idempotency-token"] };
    heard.push(call);
    const said = answer(call);
    if (!said) return; // never answers
    response.writeHead(said[0], { "content-type": "application/json" });
    response.end(said[1]);
  });
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const at = (path) => `http://127.0.0.1:${receiver.address().port}${path}`;

const events = (name) => heard.filter((call) => call.params.EventType === name);
const set = (hook) => api.configuration.webhooks().update(hook);
const all = { xTwilioWebhookEnabled: "true" };
let talk;

await play({
  async "nobody is told of what a program does unless it says so"() {
    await set({ postWebhookUrl: at("/post"), filters: ["onMessageAdded", "onConversationAdded", "onParticipantAdded"] });
    talk = await api.conversations.create({ friendlyName: "Quiet" });
    await api.conversations(talk.sid).messages.create({ body: "quiet" });
    await api.conversations(talk.sid).messages.create({ body: "loud", attributes: '{"a":1}', ...all });
    await until(() => events("onMessageAdded").length === 1, "the loud one is told");
    const { params, isSigned, path } = events("onMessageAdded")[0];
    assert.ok(isSigned, "the stock library knows the signature");
    assert.equal(path, "/post");
    assert.deepEqual(
      [params.Body, params.Author, params.ConversationSid, params.Index, params.Source, params.Attributes],
      ["loud", "system", talk.sid, "1", "API", '{"a":1}'],
    );
    assert.deepEqual([params.AccountSid, params.ChatServiceSid], [stage.key.account_sid, stage.key.service_sid]);
    assert.equal(events("onConversationAdded").length, 0);
  },

  async "the filter decides what is told"() {
    await api.conversations.create({ friendlyName: "Told", ...all });
    await until(() => events("onConversationAdded").length === 1, "a conversation is told");
    await api.conversations(talk.sid).update({ friendlyName: "Not told", ...all });
    await api.conversations(talk.sid).participants.create({ identity: "Ana", ...all });
    await until(() => events("onParticipantAdded").length === 1, "a participant is told");
    assert.equal(events("onConversationUpdated").length, 0);
  },

  async "a hook of a conversation hears of that one alone, and a trigger of its words"() {
    await set({ postWebhookUrl: "" });
    const hooks = api.conversations(talk.sid).webhooks;
    await hooks.create({ target: "webhook", "configuration.url": at("/own"), "configuration.filters": ["onMessageUpdated", "onMessageRemoved"] });
    await hooks.create({ target: "trigger", "configuration.url": at("/word?x=1"), "configuration.triggers": ["help"] });
    const said = await api.conversations(talk.sid).messages.create({ body: "please help", ...all });
    await api.conversations(talk.sid).messages(said.sid).update({ body: "no need", ...all });
    await api.conversations(talk.sid).messages(said.sid).remove(all);
    await until(() => events("onMessageRemoved").length === 1, "its end is told");
    const own = heard.filter((call) => call.path.startsWith("/own") || call.path.startsWith("/word"));
    assert.ok(own.every((call) => call.isSigned));
    assert.deepEqual(own.map((call) => call.params.EventType).sort(), ["onMessageAdded", "onMessageRemoved", "onMessageUpdated"]);
    assert.equal(own.find((call) => call.path === "/word?x=1").params.Body, "please help");
    for (const hook of await hooks.list()) await api.conversations(talk.sid).webhooks(hook.sid).remove();
  },

  async "whoever is asked before may change and refuse it"() {
    await set({ preWebhookUrl: at("/pre"), filters: ["onMessageAdd", "onConversationUpdate"] });
    answer = ({ params }) =>
      params.Body === "rude" ? [403, ""] : [200, JSON.stringify({ body: `${params.Body}!`, friendly_name: "Seen" })];
    const said = await api.conversations(talk.sid).messages.create({ body: "hello", ...all });
    assert.equal(said.body, "hello!");
    await refused(api.conversations(talk.sid).messages.create({ body: "rude", ...all }), 403, 50107);
    assert.equal((await api.conversations(talk.sid).update({ friendlyName: "x", ...all })).friendlyName, "Seen");
    assert.equal((await api.conversations(talk.sid).messages.create({ body: "as it is" })).body, "as it is");
    assert.ok(events("onMessageAdd").every((call) => call.isSigned));
  },

  async "a hook that fails or says nothing keeps nobody from talking"() {
    answer = () => [500, ""];
    assert.equal((await api.conversations(talk.sid).messages.create({ body: "one", ...all })).body, "one");
    answer = () => undefined;
    assert.equal((await api.conversations(talk.sid).messages.create({ body: "two", ...all })).body, "two");
    answer = () => [200, "not JSON"];
    assert.equal((await api.conversations(talk.sid).messages.create({ body: "three", ...all })).body, "three");
  },

  async "what was not heard is told again, as the same"() {
    await set({ preWebhookUrl: "", postWebhookUrl: at("/again"), filters: ["onMessageAdded"] });
    let refusals = 2;
    answer = () => (refusals-- > 0 ? [503, ""] : [200, ""]);
    await api.conversations(talk.sid).messages.create({ body: "again and again", ...all });
    const tries = () => heard.filter((call) => call.path === "/again");
    await until(() => tries().length === 3, "it is told three times");
    assert.deepEqual(tries().map((call) => call.params.RetryCount), ["0", "1", "2"]);
    assert.equal(new Set(tries().map((call) => call.token)).size, 1);
  },

  async "a hook may be called with GET"() {
    await set({ postWebhookUrl: at("/get"), method: "GET", filters: ["onMessageAdded"] });
    answer = () => [200, ""];
    await api.conversations(talk.sid).messages.create({ body: "by address", ...all });
    const call = await until(() => heard.find((one) => one.path.startsWith("/get?")), "it is called");
    assert.ok(call.isSigned);
    assert.equal(new URLSearchParams(call.path.slice(5)).get("Body"), "by address");
  },
});
