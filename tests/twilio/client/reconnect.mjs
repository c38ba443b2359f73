// A socket that is cut: what happened meanwhile is heard afterwards, each once and in order.

import assert from 'node:assert/strict';
import net from 'node:net';
import { end, eventually, ready, stage, step, until } from './stage.mjs';

const server = new URL(stage.uri);
const sockets = new Set();
let open = true;
const proxy = net.createServer((near) => {
  if (!open) return near.destroy();
  const far = net.connect(Number(server.port), server.hostname);
  for (const socket of [near, far]) {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => { near.destroy(); far.destroy(); sockets.delete(socket); });
  }
  near.pipe(far).pipe(near);
});
await new Promise((listening) => proxy.listen(0, '127.0.0.1', listening));
const uri = `ws://127.0.0.1:${proxy.address().port}/v3/wsconnect`;

function cut() {
  open = false;
  sockets.forEach((socket) => socket.destroy());
}

const ana = await ready('Ana');
const bo = await ready('Bo', { Twilsock: { uri } });
const room = await ana.createConversation({ friendlyName: 'Harbour' });
await room.join();
const met = until(bo, 'conversationJoined');
await room.add('Bo');
const his = await met;
const doomed = await ana.createConversation({ friendlyName: 'Doomed' });
await doomed.join();
const metToo = until(bo, 'conversationJoined', (made) => made.sid === doomed.sid);
await doomed.add('Bo');
const hers = await metToo;
// What a client is still opening when its socket is cut it gives up for good.
const opened = (conversation) => eventually('a roster', async () => (await conversation.getParticipants()).length === 2);
await Promise.all([opened(his), opened(hers)]);
const heard = until(his, 'messageAdded');
await room.sendMessage('before');
const before = await heard;

const leaving = await room.addNonChatParticipant('+15550001', '+15550002');
const staying = await room.addNonChatParticipant('+15550001', 'ida@example.org');
for (const one of [room, his]) {
  await eventually('two contacts', async () => (await one.getParticipants()).length === 4);
}

await step('what happened while the socket was cut is heard once it is back', async () => {
  const told = [];
  his.on('messageAdded', (message) => told.push(message.body));
  const cutOff = until(bo, 'connectionStateChanged', (state) => state === 'connecting');
  cut();
  await cutOff;
  for (let number = 0; number < 250; number += 1) await room.sendMessage(`meanwhile ${number}`);
  const first = (await room.getMessages(1, 0, 'forward')).items[0];
  await first.updateBody('before, changed');
  const victim = (await room.getMessages(1)).items[0];
  await victim.remove();
  await room.add('Cyd');
  const contacts = (await room.getParticipants()).filter((row) => row.type !== 'chat');
  await contacts.find((row) => row.sid === leaving.sid).remove();
  await contacts.find((row) => row.sid === staying.sid).updateAttributes({ lang: 'no' });
  await room.addNonChatParticipant('+15550001', 'whatsapp:+15550003');
  await room.updateFriendlyName('Quay');
  const fresh = await ana.createConversation({ friendlyName: 'Fresh' });
  await fresh.join();
  await fresh.add('Bo');
  await doomed.delete();

  const changed = until(his, 'messageUpdated', ({ message }) => message.body === 'before, changed');
  const renamed = until(his, 'updated', ({ updateReasons }) => updateReasons.includes('friendlyName'));
  const came = until(his, 'participantJoined', (participant) => participant.identity === 'Cyd');
  const left = until(his, 'participantLeft', (participant) => participant.sid === leaving.sid);
  const noted = until(his, 'participantUpdated', ({ participant }) => participant.sid === staying.sid);
  const elsewhere = until(his, 'participantJoined', (participant) => participant.type === 'whatsapp');
  const joined = until(bo, 'conversationJoined', (made) => made.friendlyName === 'Fresh');
  const gone = until(bo, 'conversationRemoved', (made) => made.sid === doomed.sid);
  open = true;
  await Promise.all([changed, renamed, came, left, noted, elsewhere, joined, gone]);
  assert.deepEqual((await noted).participant.attributes, { lang: 'no' });
  // The last one was removed while nobody could hear of it.
  const all = Array.from({ length: 249 }, (_, number) => `meanwhile ${number}`);
  await eventually('all messages', async () => told.length >= all.length);
  assert.deepEqual(told, all);
  assert.equal(before.body, 'before, changed');
  assert.equal(his.friendlyName, 'Quay');
});

await step('and what happens afterwards is heard as ever', async () => {
  const again = until(his, 'messageAdded', (message) => message.body === 'after');
  await room.sendMessage('after');
  await again;
});

proxy.close();
await end();
