// Every request that a stock client makes, and every push that follows from it.

import assert from 'node:assert/strict';
import { client, end, eventually, ready, refused, stage, step, until } from './stage.mjs';

/** Asks the REST API, and gives how it says that somebody can be reached. */
async function rest(method, path, body) {
  const authorization = `Basic ${Buffer.from(`${stage.key.key_sid}:${stage.key.secret}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const base = stage.uri.replace('ws:', 'http:').replace('/v3/wsconnect', '/v1');
  const answer = await fetch(`${base}/${path}`, { method, headers, body });
  assert.equal(answer.ok, true, `${method} ${path}: ${answer.status}`);
  const { is_online: online, is_notifiable: notifiable } = await answer.json();
  return [online, notifiable];
}

let ana, bo, room, his;

await step('a client connects, is told who it is and what there is [configuration, maps, user info]', async () => {
  const starting = client('Ana');
  assert.equal(starting.connectionState, 'unknown');
  const connected = until(starting, 'connectionStateChanged', (state) => state === 'connected');
  await Promise.all([connected, until(starting, 'initialized')]);
  ana = starting;
  bo = await ready('Bo');
  assert.equal(ana.reachabilityEnabled, true);
  assert.deepEqual([ana.user.identity, ana.user.friendlyName, ana.user.attributes], ['Ana', 'Ana', {}]);
  assert.equal(ana.user.isOnline, true);
});

await step('an identity that never came is made a user by being added', async () => {
  const made = await ana.createConversation({});
  await made.join();
  const added = await made.add('Somebody new', { first: true });
  assert.deepEqual([added.identity, JSON.parse(added.attributes)], ['Somebody new', { first: true }]);
  assert.equal((await ana.getUser('Somebody new')).friendlyName, 'Somebody new');
  // What the client still reads of a conversation that is gone is an error that it shows to nobody.
  await eventually('a roster', async () => (await made.getParticipants()).length === 2);
  await made.delete();
});

await step('a conversation is made and its maker is not in it [POST Conversations, GET Conversations/sid]', async () => {
  const added = until(ana, 'conversationAdded', (made) => made.friendlyName === 'Harbour');
  room = await ana.createConversation({ friendlyName: 'Harbour', uniqueName: 'harbour', attributes: { colour: 'blue' } });
  assert.equal((await added).sid, room.sid);
  assert.match(room.sid, /^CH[0-9a-f]{32}$/);
  assert.equal(room.status, 'notParticipating');
  assert.deepEqual([room.friendlyName, room.uniqueName, room.createdBy], ['Harbour', 'harbour', 'Ana']);
  assert.deepEqual(room.attributes, { colour: 'blue' });
  assert.equal((await ana.peekConversationBySid(room.sid)).status, 'notParticipating');
  await refused(ana.createConversation({ uniqueName: 'harbour' }), 409, 50353);
});

await step('its maker comes in, and others are added [POST Participants, map_item_added]', async () => {
  const joined = until(ana, 'conversationJoined', (made) => made.sid === room.sid);
  await room.join();
  await joined;
  assert.equal(room.status, 'joined');
  await eventually('a roster', async () => (await room.getParticipants()).length === 1);
  const came = until(room, 'participantJoined', (participant) => participant.identity === 'Bo');
  const met = until(bo, 'conversationJoined', (made) => made.sid === room.sid);
  await room.add('Bo', { seat: 2 });
  his = await met;
  assert.deepEqual((await came).attributes, { seat: 2 });
  assert.deepEqual((await his.getParticipants()).map((row) => row.identity).sort(), ['Ana', 'Bo']);
  await refused(room.add('Bo'), 409, 50433);
  await eventually('two participants', async () => (await room.getParticipantsCount()) === 2);
});

await step('it is found by its names [MyConversations, MyConversations/name]', async () => {
  assert.equal((await bo.getConversationByUniqueName('harbour')).sid, room.sid);
  assert.equal((await bo.getConversationBySid(room.sid)).sid, room.sid);
  await refused(bo.getConversationByUniqueName('nowhere'), 404, 50350);
  await refused(bo.peekConversationBySid(`CH${'0'.repeat(32)}`), 404, 50350);
});

await step('names and attributes change for everybody [POST Conversations/sid, document_updated]', async () => {
  const renamed = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('friendlyName'));
  await room.updateFriendlyName('Quay');
  await renamed;
  assert.equal(his.friendlyName, 'Quay');
  const coloured = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('attributes'));
  await room.updateAttributes({ colour: 'red' });
  await coloured;
  assert.deepEqual(his.attributes, { colour: 'red' });
  const unnamed = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('uniqueName'));
  await room.updateUniqueName(null);
  await unnamed;
  assert.equal(his.uniqueName, null);
});

let message;
await step('a message comes with all it has [POST Messages, list_item_added, document_updated]', async () => {
  const heard = until(his, 'messageAdded');
  const newest = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('lastMessage'));
  const index = await room.prepareMessage().setBody('The boat is in').setSubject('Boats').setAttributes({ n: 1 }).buildAndSend();
  message = await heard;
  await newest;
  assert.deepEqual([message.index, message.body, message.subject, message.author], [index, 'The boat is in', 'Boats', 'Ana']);
  assert.deepEqual(message.attributes, { n: 1 });
  assert.match(message.sid, /^IM[0-9a-f]{32}$/);
  assert.equal((await message.getParticipant()).identity, 'Ana');
  assert.equal(his.lastMessage.index, index);
  await eventually('one message', async () => (await his.getMessagesCount()) === 1);
});

await step('a message changes and goes [POST and DELETE Messages/sid, list_item_updated, list_item_removed]', async () => {
  const mine = (await room.getMessages()).items.at(-1);
  const edited = until(his, 'messageUpdated', ({ updateReasons }) => updateReasons.includes('body'));
  await mine.updateBody('The boat is out');
  assert.equal((await edited).message.body, 'The boat is out');
  assert.equal(message.lastUpdatedBy, 'Ana');
  const marked = until(his, 'messageUpdated', ({ updateReasons }) => updateReasons.includes('attributes'));
  await mine.updateAttributes({ n: 2 });
  await marked;
  assert.deepEqual(message.attributes, { n: 2 });
  await refused(message.updateBody('not his'), 403);
  const removed = until(his, 'messageRemoved', (gone) => gone.sid === message.sid);
  await mine.remove();
  await removed;
  assert.equal((await his.getMessages()).items.length, 0);
});

await step('pages go both ways over what was removed [Lists/Items]', async () => {
  for (let number = 0; number < 45; number += 1) await room.sendMessage(`message ${number}`);
  const last = await his.getMessages(10);
  assert.deepEqual(last.items.map((row) => row.body), Array.from({ length: 10 }, (_, at) => `message ${35 + at}`));
  assert.deepEqual([last.hasNextPage, last.hasPrevPage], [false, true]);
  const before = await last.prevPage();
  assert.deepEqual(before.items.map((row) => row.body), Array.from({ length: 10 }, (_, at) => `message ${25 + at}`));
  const first = await his.getMessages(10, 0, 'forward');
  assert.deepEqual(first.items.map((row) => row.body), Array.from({ length: 10 }, (_, at) => `message ${at}`));
  assert.deepEqual([first.hasNextPage, first.hasPrevPage], [true, false]);
  const all = await his.getMessages(100);
  assert.deepEqual([all.items.length, all.hasPrevPage], [45, false]);
});

await step('how far one has read is for oneself and for others [POST MyConversations, map_item_updated]', async () => {
  assert.equal(await his.getUnreadMessagesCount(), null);
  const seen = until(room, 'participantUpdated', ({ updateReasons }) => updateReasons.includes('lastReadMessageIndex'));
  const own = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('lastReadMessageIndex'));
  assert.equal(await his.updateLastReadMessageIndex(10), 35);
  const { participant } = await seen;
  await own;
  assert.deepEqual([participant.identity, participant.lastReadMessageIndex], ['Bo', 10]);
  assert.ok(participant.lastReadTimestamp instanceof Date);
  assert.equal(await his.advanceLastReadMessageIndex(5), 35);
  await eventually('35 unread', async () => (await his.getUnreadMessagesCount()) === 35);
  assert.equal(await his.setAllMessagesRead(), 0);
  assert.equal(await his.setAllMessagesUnread(), null);
  await eventually('no horizon', async () => his.lastReadMessageIndex === null);
});

await step('one mutes a conversation for oneself [POST MyConversations]', async () => {
  const muted = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('notificationLevel'));
  await his.setUserNotificationLevel('muted');
  await muted;
  assert.deepEqual([his.notificationLevel, room.notificationLevel], ['muted', 'default']);
});

await step('typing is told to the others, and ends with the message [POST typing]', async () => {
  const started = until(bo, 'typingStarted', (participant) => participant.identity === 'Ana');
  await room.typing();
  assert.equal((await started).isTyping, true);
  const ended = until(his, 'typingEnded', (participant) => participant.identity === 'Ana');
  await room.sendMessage('typed');
  await ended;
});

await step('a participant changes [POST Participants/sid, map_item_updated]', async () => {
  const row = await his.getParticipantByIdentity('Bo');
  const changed = until(room, 'participantUpdated', ({ updateReasons }) => updateReasons.includes('attributes'));
  await row.updateAttributes({ seat: 3 });
  assert.deepEqual((await changed).participant.attributes, { seat: 3 });
  assert.equal((await row.getUser()).identity, 'Bo');
});

await step('people are found, watched and changed [Users, user info]', async () => {
  const watched = await ana.getUser('Bo');
  assert.equal(watched.isOnline, true);
  const renamed = until(watched, 'updated', ({ updateReasons }) => updateReasons.includes('friendlyName'));
  await bo.user.updateFriendlyName('Boris');
  await renamed;
  assert.equal(watched.friendlyName, 'Boris');
  const marked = until(watched, 'updated', ({ updateReasons }) => updateReasons.includes('attributes'));
  await bo.user.updateAttributes({ deck: 'upper' });
  await marked;
  assert.deepEqual(watched.attributes, { deck: 'upper' });
  await refused(ana.getUser('Nobody at all'), 404, 50200);
  await refused(watched.updateFriendlyName('not hers'), 403);
});

await step('who comes and goes is seen by those who watch [reachability]', async () => {
  const cyd = await ready('Cyd');
  const watched = await ana.getUser('Cyd');
  assert.equal(watched.isOnline, true);
  const gone = until(watched, 'updated', ({ updateReasons }) => updateReasons.includes('reachabilityOnline'));
  await cyd.shutdown();
  await gone;
  assert.equal(watched.isOnline, false);
});

await step('a device that is registered makes its user notifiable [registrations, map_item_updated]', async () => {
  const watched = await ana.getUser('Bo');
  assert.equal(watched.isNotifiable, false);
  const turns = () => until(watched, 'updated', ({ updateReasons }) => updateReasons.includes('reachabilityNotifiable'));
  const reached = turns();
  await bo.setPushRegistrationId('fcm', 'a device');
  await reached;
  assert.equal(watched.isNotifiable, true);
  await bo.setPushRegistrationId('apn', 'another one');
  await bo.unsetPushRegistrationId('apn');
  await bo.removePushRegistrations('apn', 'nobody has this');
  assert.deepEqual(await rest('GET', 'Users/Bo'), [true, true]);
  const ended = turns();
  await bo.removePushRegistrations('fcm', 'a device');
  await ended;
  assert.equal(watched.isNotifiable, false);
  assert.deepEqual(await rest('GET', 'Users/Bo'), [true, false]);
});

await step('who is there and can be notified is told only where that is wanted [Configuration]', async () => {
  const service = `Services/${stage.key.service_sid}/Configuration`;
  await rest('POST', service, 'ReachabilityEnabled=false');
  assert.deepEqual(await rest('GET', 'Users/Bo'), [null, null]);
  assert.equal((await ready('Dag')).reachabilityEnabled, false);
  await rest('POST', service, 'ReachabilityEnabled=true');
  assert.equal((await ready('Dag')).reachabilityEnabled, true);
});

await step('how far a message has come is told of each who is to read it [receipts]', async () => {
  const newest = (await room.getMessages(1)).items[0];
  const receipts = await newest.getDetailedDeliveryReceipts();
  assert.deepEqual(receipts.map((row) => row.status), ['sent']);
});

await step('what this service does not have is empty [templates, metadata, recipients]', async () => {
  assert.deepEqual(await ana.getContentTemplates(), []);
  const newest = (await room.getMessages(1)).items[0];
  assert.equal(newest.aggregatedDeliveryReceipt, null);
  assert.equal(await newest.getChannelMetadata?.() ?? null, null);
  if (newest.getMessageRecipients) assert.deepEqual(await newest.getMessageRecipients(), []);
  if (room.getMessageRecipients) assert.deepEqual((await room.getMessageRecipients()).items, []);
});

/** Waits until a client has somebody who is no user in its roster, and gives them. */
const contact = (conversation, sid) => eventually('a contact', async () =>
  (await conversation.getParticipants()).find((row) => row.sid === sid));

await step('somebody takes part by other means [POST and DELETE Participants with a binding, map_item_added, map_item_removed]', async () => {
  const met = until(his, 'participantJoined', (row) => row.type === 'sms');
  const made = await room.addNonChatParticipant('+15550001', '+15550002', { lang: 'no' });
  assert.deepEqual([made.identity, made.messaging_binding], [null, { type: 'sms', address: '+15550002', proxy_address: '+15550001' }]);
  const theirs = await met;
  const mine = await contact(room, made.sid);
  for (const row of [theirs, mine]) {
    assert.deepEqual([row.sid, row.type, row.identity], [made.sid, 'sms', null]);
    assert.deepEqual(row.bindings, { sms: { address: '+15550002', proxy_address: '+15550001' } });
    assert.deepEqual(row.attributes, { lang: 'no' });
  }
  const late = await ready('Bo');
  const found = await contact(await late.getConversationBySid(room.sid), made.sid);
  assert.deepEqual([found.type, found.attributes], ['sms', { lang: 'no' }]);
  await late.shutdown();
  const changed = until(his, 'participantUpdated', ({ participant }) => participant.sid === made.sid);
  await mine.updateAttributes({ lang: 'en' });
  assert.deepEqual((await changed).participant.attributes, { lang: 'en' });
  await refused(theirs.updateAttributes({ lang: 'sv' }), 403);
  await refused(theirs.remove(), 403);
  await refused(his.addNonChatParticipant('+15550001', '+15550003'), 403);
  await refused(room.addNonChatParticipant('+15550001', '+15550002'), 409, 50433);
  const cyd = { email: { name: 'Cyd', level: 'cc' } };
  const copied = await room.addNonChatParticipant('us@example.org', 'cyd@example.org', {}, cyd);
  const hers = await contact(room, copied.sid);
  const address = { address: 'cyd@example.org', proxy_address: 'us@example.org', ...cyd.email };
  assert.deepEqual([hers.bindings, copied.messaging_binding], [{ email: address }, { type: 'email', ...address }]);
  await refused(room.addNonChatParticipant('us@example.org', 'dan@example.org', {}, { email: { level: 'Blind copy' } }), 400);
  await contact(his, copied.sid);
  const away = until(his, 'participantLeft', (row) => row.sid === copied.sid);
  await hers.remove();
  await away;
  const gone = [room, his].map((one) => until(one, 'participantLeft', (row) => row.sid === made.sid));
  await mine.remove();
  await Promise.all(gone);
  for (const one of [room, his]) assert.equal((await one.getParticipants()).length, 2);
  await refused(mine.remove(), 404, 50430);
});

await step('somebody is removed, and somebody leaves [DELETE Participants, map_item_removed]', async () => {
  const left = until(bo, 'conversationLeft', (gone) => gone.sid === room.sid);
  const removed = until(bo, 'conversationRemoved', (gone) => gone.sid === room.sid);
  const told = until(room, 'participantLeft', (participant) => participant.identity === 'Bo');
  await room.removeParticipant('Bo');
  await Promise.all([left, removed, told]);
  await refused(room.removeParticipant('Bo'), 404, 50430);
  const back = until(bo, 'conversationJoined', (made) => made.sid === room.sid);
  await room.add('Bo');
  his = await back;
  await eventually('a roster', async () => (await his.getParticipants()).length === 2);
  const heard = until(his, 'messageAdded', (row) => row.body === 'back again');
  await room.sendMessage('back again');
  await heard;
  const gone = until(room, 'participantLeft', (participant) => participant.identity === 'Bo');
  await his.leave();
  await gone;
  const once = until(bo, 'conversationJoined', (made) => made.sid === room.sid);
  await room.add('Bo');
  his = await once;
  await eventually('a roster', async () => (await his.getParticipants()).length === 2);
});

await step('a conversation is deleted for everybody [DELETE Conversations/sid, document_removed]', async () => {
  const left = until(bo, 'conversationLeft', (gone) => gone.sid === room.sid);
  const mine = until(ana, 'conversationRemoved', (gone) => gone.sid === room.sid);
  const removed = until(his, 'removed');
  await room.delete();
  await Promise.all([left, mine, removed]);
  await eventually('nothing is left', async () => (await bo.getSubscribedConversations()).items.length === 0);
});

await step('a client goes', async () => {
  await bo.shutdown();
  await eventually('the end', async () => bo.connectionState === 'disconnected');
});

await end();
