// The shortest way through, for every version: connect, make a conversation, add somebody, send, receive, type, read, change.

import assert from 'node:assert/strict';
import { end, eventually, knows, ready, step, until } from './stage.mjs';

let ana, bo, room, his;

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
  his = await joined;
  const heard = until(his, 'messageAdded', (message) => message.body === 'Hello, Bo');
  const index = await room.sendMessage('Hello, Bo', { mood: 'good' });
  const message = await heard;
  assert.deepEqual([message.author, message.index, message.attributes], ['Ana', index, { mood: 'good' }]);
});

await step('typing, reading and changes are told', async () => {
  await Promise.all([knows(room, 'Bo'), knows(his, 'Ana')]);
  const typing = until(his, 'typingStarted', (participant) => participant.identity === 'Ana');
  await room.typing();
  await typing;
  const read = until(room, 'participantUpdated', ({ updateReasons }) => updateReasons.includes('lastReadMessageIndex'));
  assert.equal(await his.setAllMessagesRead(), 0);
  assert.equal((await read).participant.identity, 'Bo');
  const mine = (await room.getMessages()).items.at(-1);
  const edited = until(his, 'messageUpdated', ({ updateReasons }) => updateReasons.includes('body'));
  await mine.updateBody('Hello again, Bo');
  assert.equal((await edited).message.body, 'Hello again, Bo');
  const removed = until(his, 'messageRemoved');
  await mine.remove();
  await removed;
});

await step('a file is sent and found', async () => {
  const heard = until(his, 'messageAdded', (message) => message.type === 'media');
  await room.sendMessage({ contentType: 'text/plain', filename: 'hold.txt', media: Buffer.from('in the hold') });
  const message = await heard;
  const file = message.attachedMedia?.[0] ?? message.media;
  assert.deepEqual([file.filename, file.size], ['hold.txt', 11]);
  assert.equal(await (await fetch(await file.getContentTemporaryUrl())).text(), 'in the hold');
});

await step('the list is there for another client of the same person', async () => {
  const other = await ready('Bo');
  await eventually('the conversation', async () => (await other.getSubscribedConversations()).items.length === 1);
  const [found] = (await other.getSubscribedConversations()).items;
  assert.deepEqual([found.friendlyName, (await found.getMessages()).items.length], ['Harbour', 1]);
});

await end();
