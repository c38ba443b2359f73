// The stock half of a conversation with a native client.

import assert from 'node:assert/strict';
import { end, eventually, knows, ready, step, until } from './stage.mjs';

const ana = await ready('Ana');
const room = await ana.createConversation({ friendlyName: 'Harbour' });
const body = (text) => (message) => message.body === text;

await step('messages go both ways', async () => {
  // Only then it hears of messages: those before it finds in the list.
  const joined = until(ana, 'conversationJoined');
  await room.join();
  await joined;
  const heard = until(room, 'messageAdded', body('from native'));
  await room.sendMessage('from stock');
  await room.add('Olga');
  const message = await heard;
  assert.deepEqual([message.author, message.index], ['Olga', 1]);
  await knows(room, 'Olga');
});

await step('typing goes both ways', async () => {
  const typing = until(room, 'typingStarted', (participant) => participant.identity === 'Olga');
  await room.typing();
  await typing;
});

await step('horizons go both ways', async () => {
  await room.setAllMessagesRead();
  await eventually('her horizon', async () => (await room.getParticipantByIdentity('Olga')).lastReadMessageIndex === 1);
});

await step('edits go both ways', async () => {
  const edited = until(room, 'messageUpdated', ({ message }) => message.body === 'from native, changed');
  const [mine] = (await room.getMessages()).items;
  await mine.updateBody('from stock, changed');
  const { message } = await edited;
  assert.equal(message.lastUpdatedBy, 'Olga');
});

await step('files go both ways', async () => {
  const heard = until(room, 'messageAdded', (message) => message.author === 'Olga' && message.type === 'media');
  const done = until(room, 'messageAdded', body('native is done'));
  await room.prepareMessage().addMedia({ contentType: 'text/plain', filename: 'stock.txt', media: Buffer.from('from stock') }).build().send();
  const [file] = (await heard).attachedMedia;
  assert.deepEqual([file.filename, file.contentType, file.size], ['native.txt', 'text/plain', 11]);
  assert.equal(await (await fetch(await file.getContentTemporaryUrl())).text(), 'from native');
  await done;
  await room.sendMessage('stock is done');
});

await end();
