// A hook that is asked before a stock client's messages: what it puts in place is what everybody has, and what it refuses nobody has.

import assert from 'node:assert/strict';
import http from 'node:http';
import { end, eventually, ready, refused, silent, stage, step, until } from './stage.mjs';

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
for (const name of ['onMessageAdd', 'onMessageUpdate', 'onMessageRemove']) settings.append('Filters', name);
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

hook.close();
await end();
