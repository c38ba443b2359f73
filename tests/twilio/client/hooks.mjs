// A hook that is asked before what a stock client does: what it puts in place is what everybody has, and what it refuses nobody has.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { end, eventually, knows, ready, refused, silent, stage, step, until } from './stage.mjs';

const asked = [];
let answer = () => [200, {}];
const hook = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const params = Object.fromEntries(new URLSearchParams(body));
    asked.push(params);
    const [status, changes] = answer(params);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(changes));
  });
});
await new Promise((listening) => hook.listen(0, '127.0.0.1', listening));

const login = Buffer.from(`${stage.key.key_sid}:${stage.key.secret}`).toString('base64');
const settings = new URLSearchParams({ PreWebhookUrl: `http://127.0.0.1:${hook.address().port}/` });
const events = ['onMessageAdd', 'onMessageUpdate', 'onMessageRemove', 'onConversationAdd', 'onParticipantAdd', 'onParticipantUpdate',
  'onParticipantRemove'];
for (const name of events) settings.append('Filters', name);
const address = `${stage.uri.replace('ws:', 'http:').replace('/v3/wsconnect', '')}/v1/Configuration/Webhooks`;
const set = await fetch(address, { method: 'POST', headers: { authorization: `Basic ${login}` }, body: settings });
assert.equal(set.status, 200);

const ana = await ready('Ana');
const bo = await ready('Bo');
const room = await ana.createConversation({ friendlyName: 'Harbour' });
await room.join();
const met = until(bo, 'conversationJoined', (made) => made.sid === room.sid);
await room.add('Bo');
const his = await met;
await eventually('a roster', async () => (await his.getParticipants()).length === 2);

let mine;
await step('a message that the hook changes is changed for everybody, its author too', async () => {
  answer = ({ Body: body }) => [200, { body: `${body}, politely`, attributes: { seen: true } }];
  const heard = [until(room, 'messageAdded'), until(his, 'messageAdded')];
  const index = await room.sendMessage('go away', { mood: 'bad' });
  for (const message of await Promise.all(heard)) {
    assert.deepEqual([message.index, message.body, message.author], [index, 'go away, politely', 'Ana']);
    assert.deepEqual(message.attributes, { seen: true });
  }
  [mine] = (await room.getMessages()).items;
  assert.equal(mine.body, 'go away, politely');
  const told = asked.find((params) => params.EventType === 'onMessageAdd');
  assert.deepEqual([told.Body, told.ClientIdentity, told.Source], ['go away', 'Ana', 'SDK']);
});

await step('an edit that the hook changes is changed', async () => {
  answer = () => [200, { body: 'please stay' }];
  const heard = until(his, 'messageUpdated', ({ updateReasons }) => updateReasons.includes('body'));
  await mine.updateBody('stay away');
  assert.equal((await heard).message.body, 'please stay');
});

await step('what the hook refuses is refused to its author, and nobody hears of it', async () => {
  answer = () => [403, {}];
  await silent(his, 'messageAdded', () => refused(room.sendMessage('never'), 403, 50107));
  await silent(his, 'messageUpdated', () => refused(mine.updateBody('never'), 403, 50107));
  await silent(his, 'messageRemoved', () => refused(mine.remove(), 403, 50107));
  answer = () => [200, {}];
  const heard = until(his, 'messageAdded');
  await room.sendMessage('at last');
  assert.equal((await heard).body, 'at last');
  const bodies = (await his.getMessages()).items.map((message) => message.body);
  assert.deepEqual(bodies, ['please stay', 'at last']);
});

/** What was asked about since it was last looked at. */
const questions = () => asked.splice(0).map(({ EventType: event }) => event);

await step('a conversation that a client makes is asked about, changed and refused', async () => {
  questions();
  answer = () => [200, { friendly_name: 'Quay' }];
  assert.equal((await ana.createConversation({ friendlyName: 'Pier' })).friendlyName, 'Quay');
  const [{ FriendlyName: named, ClientIdentity: who }] = asked;
  assert.deepEqual([named, who, questions()], ['Pier', 'Ana', ['onConversationAdd']]);
  answer = () => [403, {}];
  await refused(ana.createConversation({ friendlyName: 'Never' }), 403, 50107);
});

await step('somebody at an address is asked about as everybody else is', async () => {
  questions();
  answer = () => [403, {}];
  await refused(room.addNonChatParticipant('+15550001', '+15550002'), 403, 50107);
  answer = () => [200, { attributes: { seen: true } }];
  const { sid } = await room.addNonChatParticipant('+15550001', '+15550002', { lang: 'no' });
  const added = asked.at(-1);
  const binding = ['Type', 'Address', 'ProxyAddress'].map((name) => added[`MessagingBinding.${name}`]);
  assert.deepEqual([...binding, added.Attributes], ['sms', '+15550002', '+15550001', '{"lang":"no"}']);
  const find = async () => (await room.getParticipants()).find((row) => row.sid === sid);
  const row = await eventually('a contact', find);
  assert.deepEqual(row.attributes, { seen: true });
  answer = () => [200, { attributes: { seen: 'twice' } }];
  const changed = until(room, 'participantUpdated', ({ participant }) => participant.sid === sid);
  await row.updateAttributes({ lang: 'en' });
  assert.deepEqual((await changed).participant.attributes, { seen: 'twice' });
  answer = () => [403, {}];
  await refused(row.remove(), 403, 50107);
  assert.deepEqual(asked.slice(-2).map((params) => params.ParticipantSid), [sid, sid]);
  assert.deepEqual(questions(), ['onParticipantAdd', 'onParticipantAdd', 'onParticipantUpdate', 'onParticipantRemove']);
});

await step('what a client sends again is answered with what was done, and the hook is not asked again', async () => {
  answer = () => [200, { friendly_name: 'Once', attributes: { once: true }, body: 'once' }];
  const again = async (link, body) => {
    const { commandExecutor: commands } = ana._services;
    const [url, headers] = [new URL(link, 'https://anywhere/').href, { 'X-Twilio-Mutation-Id': randomUUID() }];
    const [first, second] = [await commands._makeRequest('post', url, body, headers), await commands._makeRequest('post', url, body, headers)];
    assert.deepEqual(second.body, first.body);
    return first.body;
  };
  const made = await again('Client/v2/Conversations', { friendly_name: 'Twice' });
  assert.equal(made.friendly_name, 'Once');
  const own = `Client/v2/Conversations/${room.sid}`;
  assert.equal((await again(`${own}/Messages`, { body: 'twice' })).body, 'once');
  assert.equal((await again(`${own}/Participants`, { identity: 'Cy' })).attributes, '{"once":true}');
  assert.deepEqual(questions(), ['onConversationAdd', 'onMessageAdd', 'onParticipantAdd']);
  // Who comes in by themselves with attributes does two things, each of them once.
  const inside = until(ana, 'conversationJoined', (joined) => joined.sid === made.sid);
  await again(`Client/v2/Conversations/${made.sid}/Participants`, { identity: 'Ana', attributes: '{"mine":true}' });
  assert.deepEqual(questions(), ['onParticipantAdd', 'onParticipantUpdate']);
  // A client that still loads something does not end in peace.
  await Promise.all([inside.then((joined) => knows(joined, 'Ana')), knows(room, 'Cy'), knows(his, 'Cy')]);
});

hook.close();
await end();
