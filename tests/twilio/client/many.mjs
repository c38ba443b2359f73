// Much at once: sixty conversations at the start, and a thousand messages in a burst.

import assert from 'node:assert/strict';
import { end, eventually, ready, step, until } from './stage.mjs';

const ana = await ready('Ana');
const names = Array.from({ length: 60 }, (_, number) => `Conversation ${String(number).padStart(2, '0')}`);

await step('sixty conversations are there when a client starts', async () => {
  const made = await Promise.all(names.map((friendlyName) => ana.createConversation({ friendlyName })));
  await Promise.all(made.map((room) => room.join()));
  await Promise.all(made.map((room) => room.add('Bo')));
  await Promise.all(made.map((room) => room.sendMessage(`in ${room.friendlyName}`)));
  const bo = await ready('Bo');
  const first = await bo.getSubscribedConversations();
  assert.deepEqual([first.items.length, first.hasNextPage], [50, true]);
  const second = await first.nextPage();
  assert.deepEqual([second.items.length, second.hasNextPage], [10, false]);
  const found = [...first.items, ...second.items];
  assert.deepEqual(found.map((room) => room.friendlyName).sort(), names);
  for (const room of found) {
    assert.equal((await room.getMessages()).items[0].body, `in ${room.friendlyName}`);
    assert.equal((await room.getParticipants()).length, 2);
  }
});

await step('a thousand messages in a burst come each once and in order', async () => {
  const bo = await ready('Bo');
  const room = (await ana.getSubscribedConversations()).items[0];
  const his = await bo.getConversationBySid(room.sid);
  const told = [];
  his.on('messageAdded', (message) => told.push(message));
  const count = 1_000;
  await Promise.all(Array.from({ length: count }, (_, number) => room.sendMessage(`burst ${number}`)));
  await eventually('all of them', async () => told.length === count);
  const indexes = told.map((message) => message.index);
  assert.deepEqual(indexes, indexes.toSorted((one, other) => one - other));
  assert.equal(new Set(told.map((message) => message.body)).size, count);
  await eventually('the last one', async () => his.lastMessage.index === indexes.at(-1));
  await eventually('the count', async () => (await his.getMessagesCount()) === count + 1);
  const end = until(his, 'messageAdded', (message) => message.body === 'end');
  await room.sendMessage('end');
  await end;
});

await end();
