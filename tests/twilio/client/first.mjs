// The shortest way through: connect, make a conversation, add somebody, send, receive.

import assert from 'node:assert/strict';
import { end, ready, step, until } from './stage.mjs';

let ana, bo, room;

await step('two clients connect with nothing in their lists', async () => {
  [ana, bo] = await Promise.all([ready('Ana'), ready('Bo')]);
  assert.equal(ana.user.identity, 'Ana');
  assert.equal((await ana.getSubscribedConversations()).items.length, 0);
});

await step('a conversation is made, and its maker comes in', async () => {
  const joined = until(ana, 'conversationJoined');
  room = await ana.createConversation({ friendlyName: 'Harbour', attributes: { colour: 'blue' } });
  assert.equal(room.status, 'notParticipating');
  await room.join();
  await joined;
  assert.equal(room.friendlyName, 'Harbour');
  assert.deepEqual(room.attributes, { colour: 'blue' });
  assert.equal((await ana.getSubscribedConversations()).items.length, 1);
});

await step('somebody is added and hears what is said', async () => {
  const joined = until(bo, 'conversationJoined', (conversation) => conversation.sid === room.sid);
  await room.add('Bo');
  const his = await joined;
  const heard = until(his, 'messageAdded', (message) => message.body === 'Hello, Bo');
  const index = await room.sendMessage('Hello, Bo', { mood: 'good' });
  const message = await heard;
  assert.deepEqual([message.author, message.index, message.attributes], ['Ana', index, { mood: 'good' }]);
});

await end();
