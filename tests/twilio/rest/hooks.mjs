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

  async "everything is asked about before and told of after, each by its event"() {
    const room = () => api.conversations(made.sid);
    const dora = () => room().participants(made.dora);
    const phone = () => room().participants(made.phone);
    const said = () => room().messages(made.said);
    const binding = { "messagingBinding.address": "+15550100", "messagingBinding.proxyAddress": "+15550199" };
    const address = { "MessagingBinding.Type": "sms", "MessagingBinding.Address": "+15550100", "MessagingBinding.ProxyAddress": "+15550199" };
    const people = [{ identity: "Dora" }, { identity: "Emil", attributes: '{"e":1}' }].map((one) => JSON.stringify(one));
    const made = {};
    /** What is done; what is asked about it; what is told of it. */
    const table = [
      [async () => (made.sid = (await api.conversations.create({ friendlyName: "Table", ...all })).sid),
        [["onConversationAdd", { FriendlyName: "Table" }]],
        [["onConversationAdded", { FriendlyName: "Table", State: "active" }]]],
      [() => room().update({ friendlyName: "Desk", attributes: '{"legs":4}', ...all }),
        [["onConversationUpdate", { FriendlyName: "Desk", Attributes: '{"legs":4}' }]],
        [["onConversationUpdated", { FriendlyName: "Desk", Attributes: '{"legs":4}' }]]],
      [() => room().update({ state: "inactive", ...all }),
        [["onConversationUpdate", {}]],
        [["onConversationStateUpdated", { StateTo: "inactive", Reason: "API" }]]],
      [() => room().update({ state: "active", friendlyName: "Bench", ...all }),
        [["onConversationUpdate", { FriendlyName: "Bench" }]],
        [["onConversationUpdated", { FriendlyName: "Bench" }], ["onConversationStateUpdated", { StateTo: "active" }]]],
      [async () => (made.dora = (await room().participants.create({ identity: "Dora", attributes: '{"d":1}', ...all })).sid),
        [["onParticipantAdd", { Identity: "Dora", Attributes: '{"d":1}' }]],
        [["onUserAdded", { Identity: "Dora" }], ["onParticipantAdded", { Identity: "Dora", Attributes: '{"d":1}' }]]],
      [() => dora().update({ attributes: '{"d":2}', ...all }),
        [["onParticipantUpdate", { Attributes: '{"d":2}' }]],
        [["onParticipantUpdated", { Identity: "Dora", Attributes: '{"d":2}' }]]],
      [() => api.users("Dora").update({ friendlyName: "Dora D.", ...all }),
        [["onUserUpdate", { FriendlyName: "Dora D." }]],
        [["onUserUpdated", { Identity: "Dora", FriendlyName: "Dora D." }]]],
      [async () => (made.said = (await room().messages.create({ body: "hear", author: "Dora", ...all })).sid),
        [["onMessageAdd", { Body: "hear", Author: "Dora" }]],
        [["onMessageAdded", { Body: "hear", Author: "Dora", Index: "0" }]]],
      [() => said().update({ body: "hear, hear", ...all }),
        [["onMessageUpdate", { Body: "hear, hear" }]],
        [["onMessageUpdated", { Body: "hear, hear" }]]],
      [() => said().remove(all), [["onMessageRemove", {}]], [["onMessageRemoved", {}]]],
      [() => dora().remove(all),
        [["onParticipantRemove", {}]],
        [["onParticipantRemoved", { Identity: "Dora" }]]],
      [async () => (made.phone = (await room().participants.create({ ...binding, attributes: '{"p":1}', ...all })).sid),
        [["onParticipantAdd", { ...address, Attributes: '{"p":1}' }]],
        [["onParticipantAdded", { ...address, Attributes: '{"p":1}' }]]],
      [() => phone().update({ attributes: '{"p":2}', ...all }),
        [["onParticipantUpdate", { Attributes: '{"p":2}' }]],
        [["onParticipantUpdated", { ...address, Attributes: '{"p":2}' }]]],
      [() => phone().remove(all), [["onParticipantRemove", {}]], [["onParticipantRemoved", address]]],
      [() => room().remove(all), [["onConversationRemove", {}]], [["onConversationRemoved", {}]]],
      [async () => (made.sid = (await api.conversationWithParticipants.create({ participant: people, ...all })).sid),
        [["onConversationAdd", {}], ["onParticipantAdd", { Identity: "Dora" }], ["onParticipantAdd", { Identity: "Emil", Attributes: '{"e":1}' }]],
        [["onConversationAdded", {}], ["onParticipantAdded", { Identity: "Dora" }], ["onUserAdded", { Identity: "Emil" }],
          ["onParticipantAdded", { Identity: "Emil", Attributes: '{"e":1}' }]]],
    ];
    const filters = [...new Set(table.flatMap(([, before, after]) => [...before, ...after]).map(([event]) => event))];
    await set({ preWebhookUrl: at("/ask"), postWebhookUrl: at("/tell"), method: "POST", filters });
    const calls = (path) => heard.filter((call) => call.path === path).map(({ params }) => params);
    /** That these calls came since the others, in any order when they are asked at once. */
    const came = (found, expected, act) => {
      assert.deepEqual(found.map((params) => params.EventType), expected.map(([event]) => event), `${act}`);
      for (const [event, fields] of expected) {
        const fits = (params) => params.EventType === event && Object.entries(fields).every(([name, value]) => params[name] === value);
        const [one] = found.filter(fits);
        assert.ok(one, `${act}: ${event} ${JSON.stringify(fields)} is not in ${JSON.stringify(found)}`);
        assert.equal(one.Source, "API");
        const named = /User|onConversationAdd$/.test(event) ? undefined : made.sid;
        assert.equal(one.ConversationSid, named, `${act}: ${event}`);
      }
    };
    for (const [act, before, after] of table) {
      const [asked, told] = [calls("/ask").length, calls("/tell").length];
      // What the last thing that is asked about refuses is not done.
      const [[last, fields]] = before.slice(-1);
      const refuses = ({ params }) => params.EventType === last && Object.entries(fields).every(([name, value]) => params[name] === value);
      answer = (call) => (call.path === "/ask" && refuses(call) ? [403, ""] : [200, ""]);
      await refused(act(), 403, 50107);
      answer = () => [200, ""];
      const once = calls("/ask").length;
      assert.equal(once - asked, before.length, `${act} is asked about once`);
      await act();
      came(calls("/ask").slice(once), before, act);
      await until(() => calls("/tell").length >= told + after.length, `${act} is told`);
      came(calls("/tell").slice(told), after, act);
    }
    assert.ok(heard.every((call) => call.isSigned));
  },

  async "hooks of a conversation end with it, whether anybody is told or not"() {
    for (const remove of [undefined, all]) {
      const { sid } = await api.conversations.create();
      await api.conversations(sid).webhooks.create({ target: "webhook", "configuration.url": at("/own"), "configuration.filters": ["onMessageAdded"] });
      await api.conversations(sid).remove(remove);
    }
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
