// Every resource and every route of the REST API with the stock helper library, below the account and below the service.

import { assert, client, device, play, refused, stage, twilio } from "./stage.mjs";

const root = client().conversations.v1;
const service = root.services(stage.key.service_sid);
const seconds = (date) => Math.floor(date.getTime() / 1000);
let counter = 0;
const unique = (name) => `${name}-${++counter}`;

/** The steps that stand below both. */
function steps(api) {
  const people = { ana: unique("Ana"), bo: unique("Bo") };
  let talk, first, second, ana;
  return {
    async "conversations are made, fetched, listed, changed and deleted"() {
      const uniqueName = unique("plans");
      talk = await api.conversations.create({
        friendlyName: "Plans",
        uniqueName,
        attributes: JSON.stringify({ colour: "blue" }),
        dateCreated: new Date("2020-02-03T04:05:06Z"),
        dateUpdated: new Date("2020-02-03T04:05:07Z"),
        "timers.inactive": "PT1H",
        "timers.closed": "P1D",
      });
      assert.match(talk.sid, /^CH[0-9a-f]{32}$/);
      assert.deepEqual(JSON.parse(talk.attributes), { colour: "blue" });
      assert.equal(talk.dateCreated.toISOString(), "2020-02-03T04:05:06.000Z");
      assert.equal(talk.accountSid, stage.key.account_sid);
      assert.equal(talk.chatServiceSid, stage.key.service_sid);
      assert.equal(talk.state, "active");
      assert.ok(talk.timers.date_inactive < talk.timers.date_closed);
      for (const name of [talk.sid, uniqueName]) {
        const found = await api.conversations(name).fetch();
        assert.equal(found.sid, talk.sid);
        assert.equal(found.links.messages, `${found.url}/Messages`);
      }
      await refused(api.conversations.create({ uniqueName }), 409, 50353);
      await refused(api.conversations.create({ state: "closed" }), 400, 50384);
      await refused(api.conversations.create({ "timers.inactive": "soon" }), 400, 50379);
      const mailed = { "bindings.email.address": "plans@example.org" };
      await refused(api.conversations.create(mailed), 400, 20001);
      await refused(api.conversations(talk.sid).update(mailed), 400, 20001);
      await refused(api.conversations(`CH${"0".repeat(32)}`).fetch(), 404, 50350);
      const changed = await api.conversations(talk.sid).update({ friendlyName: "Better plans", attributes: "{}" });
      assert.deepEqual([changed.friendlyName, changed.attributes], ["Better plans", "{}"]);
      const gone = await api.conversations.create();
      assert.equal(await api.conversations(gone.sid).remove(), true);
      await refused(api.conversations(gone.sid).fetch(), 404, 50350);
      await refused(api.conversations(gone.sid).remove(), 404, 50350);
    },

    async "lists come in pages, forwards and back, and as many as are asked for"() {
      const made = [];
      for (let number = 0; number < 5; number++) made.push((await api.conversations.create()).sid);
      const all = await api.conversations.list({ pageSize: 2 });
      assert.ok(made.every((sid) => all.some((row) => row.sid === sid)));
      assert.equal(new Set(all.map((row) => row.sid)).size, all.length);
      assert.equal((await api.conversations.list({ limit: 3, pageSize: 2 })).length, 3);
      const page = await api.conversations.page({ pageSize: 2 });
      const next = await page.nextPage();
      assert.equal(next.instances.length, 2);
      const back = await next.previousPage();
      assert.deepEqual(back.instances.map((row) => row.sid), page.instances.map((row) => row.sid));
      assert.equal(page.previousPageUrl, undefined);
      const early = await api.conversations.list({ startDate: "2020-02-03", endDate: "2020-02-04" });
      assert.ok(early.some((row) => row.sid === talk.sid) && !early.some((row) => made.includes(row.sid)));
      await api.conversations(made[0]).update({ state: "closed" });
      const closed = await api.conversations.list({ state: "closed" });
      assert.ok(closed.some((row) => row.sid === made[0]) && !closed.some((row) => row.sid === made[1]));
      for (const sid of made.slice(1)) await api.conversations(sid).remove();
      await refused(api.conversations(made[0]).messages.create({ body: "too late" }), 409, 50377);
    },

    async "participants are added by identity, changed and removed"() {
      const participants = api.conversations(talk.sid).participants;
      ana = await participants.create({ identity: people.ana, attributes: '{"seat":1}' });
      assert.match(ana.sid, /^MB[0-9a-f]{32}$/);
      assert.deepEqual([ana.identity, ana.conversationSid, ana.messagingBinding], [people.ana, talk.sid, null]);
      await participants.create({ identity: people.bo, roleSid: `RL${"0".repeat(31)}3` });
      await refused(participants.create({ identity: people.ana }), 409, 50433);
      assert.equal((await participants.list()).length, 2);
      for (const name of [ana.sid, people.ana]) {
        const found = await api.conversations(talk.sid).participants(name).fetch();
        assert.equal(found.sid, ana.sid);
      }
      const changed = await api.conversations(talk.sid).participants(ana.sid).update({ attributes: '{"seat":2}' });
      assert.deepEqual(JSON.parse(changed.attributes), { seat: 2 });
      assert.equal(await api.conversations(talk.sid).participants(people.bo).remove(), true);
      await refused(api.conversations(talk.sid).participants(people.bo).fetch(), 404, 50430);
    },

    async "messages are posted by whom they name, listed both ways, changed and deleted"() {
      const messages = api.conversations(talk.sid).messages;
      first = await messages.create({
        author: people.ana,
        body: "hello",
        attributes: '{"a":1}',
        dateCreated: new Date("2021-01-01T00:00:00Z"),
        dateUpdated: new Date("2021-01-01T00:00:01Z"),
      });
      assert.match(first.sid, /^IM[0-9a-f]{32}$/);
      assert.deepEqual([first.index, first.author, first.participantSid], [0, people.ana, ana.sid]);
      assert.equal(first.dateCreated.toISOString(), "2021-01-01T00:00:00.000Z");
      second = await messages.create({ body: "from the office", subject: "News" });
      assert.deepEqual([second.index, second.author, second.participantSid], [1, "system", null]);
      const third = await messages.create({ author: "somebody who is not in it", body: "" });
      assert.deepEqual([third.index, third.participantSid], [2, null]);
      await refused(messages.create({ body: "x".repeat(40_000) }), 413, 50504);
      await refused(messages.create({ body: "x", contentSid: "HX1" }), 400, 20001);
      const ascending = (await messages.list({ pageSize: 2 })).map((row) => row.index);
      const descending = (await messages.list({ order: "desc", pageSize: 2 })).map((row) => row.index);
      assert.deepEqual([ascending, descending], [[0, 1, 2], [2, 1, 0]]);
      const found = await api.conversations(talk.sid).messages(second.sid).fetch();
      assert.deepEqual([found.body, found.media, found.delivery], ["from the office", null, null]);
      const changed = await api.conversations(talk.sid).messages(second.sid).update({ body: "from the ship" });
      assert.equal(changed.body, "from the ship");
      await refused(api.conversations(talk.sid).messages(second.sid).update({ author: people.bo }), 400, 20001);
      assert.equal(await api.conversations(talk.sid).messages(third.sid).remove(), true);
      await refused(api.conversations(talk.sid).messages(third.sid).fetch(), 404, 50500);
      assert.deepEqual((await messages.list()).map((row) => row.index), [0, 1]);
    },

    async "what a connector reported of a message is read"() {
      const receipts = api.conversations(talk.sid).messages(first.sid).deliveryReceipts;
      assert.deepEqual(await receipts.list(), []);
      const receipt = api.conversations(talk.sid).messages(first.sid).deliveryReceipts(`DY${"0".repeat(32)}`);
      await refused(receipt.fetch(), 404, 20404);
      // The library has no word for this link.
      const authorization = `Basic ${Buffer.from(`${stage.key.key_sid}:${stage.key.secret}`).toString("base64")}`;
      const metadata = await fetch(first.links.channel_metadata, { headers: { authorization } });
      assert.deepEqual([metadata.status, (await metadata.json()).code], [404, 50530]);
    },

    async "participants by other means are records that stand behind the others"() {
      const participants = api.conversations(talk.sid).participants;
      const addresses = ["+15550100", "whatsapp:+15550101", "dora@example.org"];
      const made = [];
      for (const address of addresses) {
        const proxyAddress = "+15550199";
        const binding = { "messagingBinding.address": address, "messagingBinding.proxyAddress": proxyAddress };
        made.push(await participants.create({ ...binding, attributes: '{"via":1}' }));
      }
      assert.deepEqual(made.map((row) => row.messagingBinding.type), ["sms", "whatsapp", "email"]);
      assert.deepEqual([made[0].identity, made[0].messagingBinding.proxy_address], [null, "+15550199"]);
      await refused(participants.create({ "messagingBinding.address": addresses[0], "messagingBinding.proxyAddress": "+15550199" }), 409, 50433);
      const listed = await participants.list({ pageSize: 2 });
      assert.deepEqual(listed.map((row) => row.identity), [people.ana, null, null, null]);
      assert.equal(new Set(listed.map((row) => row.sid)).size, 4);
      const one = api.conversations(talk.sid).participants(made[0].sid);
      assert.equal((await one.fetch()).messagingBinding.address, addresses[0]);
      const at = (address) => api.participantConversations.list({ address, pageSize: 1 });
      const elsewhere = await api.conversations.create();
      await api.conversations(elsewhere.sid).participants.create({ "messagingBinding.address": addresses[0] });
      const places = await at(addresses[0]);
      assert.deepEqual(new Set(places.map((row) => row.conversationSid)), new Set([talk.sid, elsewhere.sid]));
      assert.deepEqual([places[0].participantIdentity, places[0].participantMessagingBinding.address], [null, addresses[0]]);
      assert.deepEqual(await at("+15550000"), []);
      await api.conversations(elsewhere.sid).remove();
      assert.deepEqual((await at(addresses[0])).map((row) => row.participantSid), [made[0].sid]);
      assert.equal((await one.update({ attributes: '{"via":2}' })).attributes, '{"via":2}');
      for (const row of made) assert.equal(await api.conversations(talk.sid).participants(row.sid).remove(), true);
      await refused(one.fetch(), 404, 50430);
      await refused(participants.create({ identity: people.bo, "messagingBinding.address": addresses[0] }), 400, 50407);
      const ofAna = api.conversations(talk.sid).participants(ana.sid);
      await refused(ofAna.update({ identity: people.bo }), 400, 20001);
      await refused(ofAna.update({ "messagingBinding.proxyAddress": "+15550199" }), 400, 20001);
    },

    async "a participant's horizon is put where it is wanted"() {
      const one = api.conversations(talk.sid).participants(ana.sid);
      const read = await one.update({ lastReadMessageIndex: 1 });
      assert.equal(read.lastReadMessageIndex, 1);
      assert.ok(read.lastReadTimestamp);
      const back = await one.update({ lastReadMessageIndex: 0, lastReadTimestamp: "2021-01-02T03:04:05Z" });
      assert.deepEqual([back.lastReadMessageIndex, back.lastReadTimestamp], [0, "2021-01-02T03:04:05Z"]);
      await refused(one.update({ lastReadTimestamp: "2021-01-02T03:04:05Z" }), 400, 20001);
    },

    async "users are made, fetched, listed, changed and let go"() {
      const identity = unique("Clara");
      const made = await api.users.create({ identity, friendlyName: "Clara L.", attributes: '{"desk":7}' });
      assert.match(made.sid, /^US[0-9a-f]{32}$/);
      assert.deepEqual([made.identity, made.friendlyName], [identity, "Clara L."]);
      await refused(api.users.create({ identity }), 409, 50201);
      for (const name of [made.sid, identity]) assert.equal((await api.users(name).fetch()).sid, made.sid);
      const found = await api.users(identity).fetch();
      assert.deepEqual([found.isOnline, found.isNotifiable, made.isOnline, made.isNotifiable], [false, false, null, null]);
      const changed = await api.users(identity).update({ friendlyName: "Clara", attributes: "{}" });
      assert.deepEqual([changed.friendlyName, changed.attributes], ["Clara", "{}"]);
      const all = await api.users.list({ pageSize: 2 });
      assert.ok(all.some((row) => row.sid === made.sid) && !all.some((row) => row.identity === "system"));
      assert.equal(await api.users(identity).remove(), true);
      await refused(api.users(identity).fetch(), 404, 50200);
      assert.equal((await api.users.create({ identity })).sid, made.sid);
    },

    async "a user's conversations are listed, read, muted and left"() {
      const own = api.users(people.ana).userConversations;
      const listed = await own.list({ pageSize: 1 });
      assert.deepEqual(listed.map((row) => row.conversationSid), [talk.sid]);
      const one = api.users(people.ana).userConversations(talk.sid);
      const found = await one.fetch();
      assert.deepEqual([found.participantSid, found.notificationLevel], [ana.sid, "default"]);
      assert.deepEqual([found.lastReadMessageIndex, found.unreadMessagesCount], [0, 1]);
      const changed = await one.update({ notificationLevel: "muted", lastReadMessageIndex: 1 });
      assert.deepEqual([changed.notificationLevel, changed.unreadMessagesCount], ["muted", 0]);
      const byIdentity = await api.participantConversations.list({ identity: people.ana });
      assert.deepEqual(byIdentity.map((row) => row.conversationSid), [talk.sid]);
      assert.equal(byIdentity[0].participantSid, ana.sid);
      assert.deepEqual(await api.participantConversations.list({ identity: unique("nobody") }), []);
      assert.equal(await one.remove(), true);
      await refused(one.fetch(), 404, 50350);
    },

    async "a conversation is made with its participants"() {
      const participant = [{ identity: people.ana }, { identity: people.bo, attributes: '{"x":1}' }];
      const made = await api.conversationWithParticipants.create({
        friendlyName: "All of us",
        participant: participant.map((one) => JSON.stringify(one)),
      });
      const inside = await api.conversations(made.sid).participants.list();
      assert.deepEqual(new Set(inside.map((row) => row.identity)), new Set([people.ana, people.bo]));
      const messaging_binding = { address: "whatsapp:+15550101", proxy_address: "whatsapp:+15550199" };
      const outside = { messaging_binding, attributes: '{"via":1}' };
      const mixed = await api.conversationWithParticipants.create({
        participant: [JSON.stringify(participant[0]), JSON.stringify(outside)],
      });
      const [, contact] = await api.conversations(mixed.sid).participants.list();
      assert.deepEqual(contact.messagingBinding, { type: "whatsapp", ...messaging_binding });
      assert.equal(contact.attributes, outside.attributes);
      const both = JSON.stringify({ identity: people.bo, messaging_binding });
      await refused(api.conversationWithParticipants.create({ participant: [both] }), 400, 50407);
      const projected = { identity: people.bo, "messagingBinding.projectedAddress": "+15550199" };
      await refused(api.conversations(made.sid).participants.create(projected), 400, 50407);
      await refused(api.conversationWithParticipants.create({ participant: ["{}"] }), 400, 20001);
    },

    async "roles are made, fetched, listed, changed and deleted"() {
      const made = await api.roles.create({
        friendlyName: unique("guest"),
        type: "conversation",
        permission: ["sendMessage", "leaveConversation"],
      });
      assert.match(made.sid, /^RL[0-9a-f]{32}$/);
      assert.deepEqual(made.permissions, ["sendMessage", "leaveConversation"]);
      assert.equal((await api.roles(made.sid).fetch()).type, "conversation");
      const changed = await api.roles(made.sid).update({ permission: ["sendMessage"] });
      assert.deepEqual(changed.permissions, ["sendMessage"]);
      const all = await api.roles.list({ pageSize: 2 });
      assert.ok(all.length >= 5 && all.some((row) => row.sid === made.sid));
      assert.ok(all.some((row) => row.type === "service"));
      assert.equal(await api.roles(made.sid).remove(), true);
      await refused(api.roles(made.sid).fetch(), 404, 50100);
      await refused(api.roles.create({ friendlyName: "x", type: "conversation", permission: ["fly"] }), 400, 20001);
    },

    async "hooks of a conversation are made, fetched, listed, changed and deleted"() {
      const hooks = api.conversations(talk.sid).webhooks;
      const made = await hooks.create({
        target: "webhook",
        "configuration.url": "https://hooks.example.org/one",
        "configuration.method": "POST",
        "configuration.filters": ["onMessageAdded", "onMessageUpdated"],
      });
      assert.match(made.sid, /^WH[0-9a-f]{32}$/);
      assert.deepEqual(made.configuration.filters, ["onMessageAdded", "onMessageUpdated"]);
      const one = api.conversations(talk.sid).webhooks(made.sid);
      assert.equal((await one.fetch()).configuration.url, "https://hooks.example.org/one");
      const changed = await one.update({ "configuration.url": "https://hooks.example.org/two" });
      assert.deepEqual([changed.configuration.url, changed.configuration.method], ["https://hooks.example.org/two", "POST"]);
      const word = await hooks.create({ target: "trigger", "configuration.url": "https://hooks.example.org/", "configuration.triggers": ["help"] });
      assert.equal((await hooks.list()).length, 2);
      const replay = { target: "webhook", "configuration.url": "https://hooks.example.org/", "configuration.replayAfter": 1 };
      await refused(hooks.create(replay), 400, 20001);
      await refused(hooks.create({ target: "studio", "configuration.flowSid": "FW1" }), 400, 20001);
      await refused(hooks.create({ target: "webhook", "configuration.url": "file:///etc" }), 400, 20001);
      for (const sid of [made.sid, word.sid]) assert.equal(await api.conversations(talk.sid).webhooks(sid).remove(), true);
      await refused(one.fetch(), 404, 20404);
    },
  };
}

const alone = {
  async "the one service is told of, and there is no other"() {
    const services = await root.services.list();
    assert.deepEqual(services.map((row) => row.sid), [stage.key.service_sid]);
    assert.equal((await service.fetch()).accountSid, stage.key.account_sid);
    await refused(root.services.create({ friendlyName: "Another" }), 409, 20409);
    await refused(service.remove(), 409, 20409);
    await refused(root.services(`IS${"0".repeat(32)}`).fetch(), 404, 20404);
    await refused(root.services(`IS${"0".repeat(32)}`).conversations.list(), 404, 20404);
  },

  async "the configuration of the account is kept"() {
    const before = await root.configuration().fetch();
    assert.equal(before.defaultChatServiceSid, stage.key.service_sid);
    const changed = await root.configuration().update({ defaultInactiveTimer: "PT2H" });
    assert.equal(changed.defaultInactiveTimer, "PT2H");
    const made = await root.conversations.create();
    assert.equal(Date.parse(made.timers.date_inactive) / 1000 - seconds(made.dateCreated), 7200);
    await refused(root.configuration().update({ defaultInactiveTimer: "soon" }), 400, 20001);
    await root.configuration().update({ defaultInactiveTimer: "PT0S" });
    assert.equal((await root.configuration().fetch()).defaultInactiveTimer, null);
  },

  async "the configuration of the service is kept"() {
    const role = await root.roles.create({ friendlyName: "guest", type: "conversation", permission: ["sendMessage"] });
    const before = await service.configuration().fetch();
    const changed = await service.configuration().update({
      defaultConversationRoleSid: role.sid,
      reachabilityEnabled: true,
    });
    assert.deepEqual([changed.defaultConversationRoleSid, changed.reachabilityEnabled], [role.sid, true]);
    const made = await root.conversations.create();
    const added = await root.conversations(made.sid).participants.create({ identity: unique("guest") });
    assert.equal(added.roleSid, role.sid);
    await service.configuration().update({
      defaultConversationRoleSid: before.defaultConversationRoleSid,
      reachabilityEnabled: false,
    });
  },

  async "what notifications say is kept"() {
    const changed = await service.configuration.notifications().update({
      logEnabled: true,
      "newMessage.enabled": true,
      "newMessage.template": "New: ${MESSAGE}",
      "newMessage.withMedia.enabled": true,
    });
    assert.equal(changed.logEnabled, true);
    const found = await service.configuration.notifications().fetch();
    assert.equal(found.newMessage.template, "New: ${MESSAGE}");
    assert.equal(found.newMessage.with_media.enabled, true);
    assert.equal(found.addedToConversation.enabled, false);
  },

  async "the hook for everything is kept, for the account and for the service alike"() {
    const set = { postWebhookUrl: "https://hooks.example.org/post", method: "POST", filters: ["onMessageAdded"] };
    const changed = await root.configuration.webhooks().update(set);
    assert.deepEqual([changed.postWebhookUrl, changed.filters], [set.postWebhookUrl, set.filters]);
    const found = await service.configuration.webhooks().fetch();
    assert.equal(found.postWebhookUrl, set.postWebhookUrl);
    await service.configuration.webhooks().update({ postWebhookUrl: "" });
    assert.equal((await root.configuration.webhooks().fetch()).postWebhookUrl, null);
    await refused(root.configuration.webhooks().update({ preWebhookUrl: "nowhere" }), 400, 20001);
  },

  async "devices that clients have registered are listed, fetched and let go"() {
    assert.deepEqual(await service.bindings.list(), []);
    const [eva, finn] = await Promise.all([device("Eva"), device("Finn")]);
    await eva.setPushRegistrationId("fcm", "her phone");
    await eva.setPushRegistrationId("apn", "her tablet");
    await finn.setPushRegistrationId("fcm", "his phone");
    const places = async (filter) => (await service.bindings.list(filter)).map((row) => row.endpoint).sort();
    assert.deepEqual(await places(), ["her phone", "her tablet", "his phone"]);
    assert.deepEqual(await places({ pageSize: 1 }), ["her phone", "her tablet", "his phone"]);
    assert.deepEqual(await places({ bindingType: ["fcm"], pageSize: 1 }), ["her phone", "his phone"]);
    assert.deepEqual(await places({ bindingType: ["gcm", "apn"] }), ["her tablet"]);
    assert.deepEqual(await places({ identity: ["Eva"], pageSize: 1 }), ["her phone", "her tablet"]);
    assert.deepEqual(await places({ identity: ["Eva", "Finn"], bindingType: ["fcm"] }), ["her phone", "his phone"]);
    assert.deepEqual(await places({ identity: ["Nobody"] }), []);
    const [phone] = await service.bindings.list({ identity: ["Eva"], bindingType: ["fcm"] });
    assert.match(phone.sid, /^BS[0-9a-f]{32}$/);
    assert.deepEqual([phone.identity, phone.bindingType, phone.credentialSid], ["Eva", "fcm", null]);
    assert.deepEqual(phone.messageTypes, ["new_message", "added_to_conversation", "removed_from_conversation"]);
    assert.ok(phone.dateCreated <= phone.dateUpdated);
    // A client that registers again at its next start has the same binding.
    await (await device("Eva")).setPushRegistrationId("fcm", "her phone");
    assert.equal((await service.bindings(phone.sid).fetch()).endpoint, "her phone");
    await service.configuration().update({ reachabilityEnabled: true });
    const isNotifiable = async (identity) => (await service.users(identity).fetch()).isNotifiable;
    assert.equal(await service.bindings(phone.sid).remove(), true);
    await refused(service.bindings(phone.sid).fetch(), 404, 20404);
    await refused(service.bindings(phone.sid).remove(), 404, 20404);
    assert.equal(await isNotifiable("Eva"), true);
    const [tablet] = await service.bindings.list({ identity: ["Eva"] });
    await service.bindings(tablet.sid).remove();
    assert.deepEqual([await isNotifiable("Eva"), await isNotifiable("Finn")], [false, true]);
    assert.deepEqual(await places(), ["his phone"]);
  },

  async "what needs a connector answers as where none was set up"() {
    assert.deepEqual(await root.credentials.list(), []);
    await refused(root.credentials.create({ type: "fcm", secret: "x" }), 400, 20001);
    const credential = root.credentials(`CR${"0".repeat(32)}`);
    await refused(credential.fetch(), 404, 20404);
    await refused(credential.update({ friendlyName: "x" }), 404, 20404);
    await refused(credential.remove(), 404, 20404);
    assert.deepEqual(await root.addressConfigurations.list(), []);
    await refused(root.addressConfigurations.create({ type: "sms", address: "+15550100" }), 400, 20001);
    const address = root.addressConfigurations(`IG${"0".repeat(32)}`);
    await refused(address.fetch(), 404, 20404);
    await refused(address.update({ friendlyName: "x" }), 404, 20404);
    await refused(address.remove(), 404, 20404);
  },

  async "only a key opens the door, by itself or by the account's name"() {
    const wrong = client({ ...stage.key, secret: "guessed" });
    await refused(wrong.conversations.v1.conversations.list(), 401, 20003);
    const unknown = client({ ...stage.key, key_sid: `SK${"0".repeat(32)}` });
    await refused(unknown.conversations.v1.conversations.list(), 401, 20003);
    const account = twilio(stage.key.account_sid, stage.key.secret);
    account.conversations.baseUrl = stage.base;
    assert.ok((await account.conversations.v1.conversations.list()).length > 0);
  },

  async "the document of the API is served"() {
    const document = await (await fetch(`${stage.base}/v1/openapi.json`)).json();
    assert.match(document.openapi, /^3\./);
    assert.ok(document.paths["/v1/Conversations/{conversation}/Messages"].post);
  },
};

const below = (name, api) =>
  Object.fromEntries(Object.entries(steps(api)).map(([step, run]) => [`${name}: ${step}`, run]));
await play({ ...below("account", root), ...below("service", service), ...alone });
