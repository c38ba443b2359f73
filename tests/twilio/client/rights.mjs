// What one may not see is not there, and what one may not do is refused.

import assert from 'node:assert/strict';
import { end, ready, refused, silent, step, until } from './stage.mjs';

const [ana, bo, eve] = await Promise.all(['Ana', 'Bo', 'Eve'].map((name) => ready(name)));
const room = await ana.createConversation({ friendlyName: 'Harbour', uniqueName: 'harbour' });
await room.join();
const met = until(bo, 'conversationJoined');
await room.add('Bo');
const his = await met;
await room.sendMessage('a secret');

await step('a stranger finds nothing', async () => {
  await refused(eve.peekConversationBySid(room.sid), 404, 50350);
  await refused(eve.getConversationByUniqueName('harbour'), 404, 50350);
  await refused(eve.getConversationBySid(room.sid), 404, 50350);
  assert.equal((await eve.getSubscribedConversations()).items.length, 0);
});

await step('requests that name what is not theirs are answered as if there were nothing', async () => {
  const ask = (path, method = 'get') => eve._services.network.get(`https://anywhere/${path}`).then(
    () => assert.fail(`${method} ${path} was answered`),
    (error) => assert.equal(error.status ?? error.body?.status, 404, path),
  );
  for (const path of [
    `Client/v2/Conversations/${room.sid}`,
    `Client/v2/MyConversations/${room.sid}`,
    `Client/v2/Conversations/${room.sid}/Messages/IM${'0'.repeat(32)}/Receipts`,
    `v3/Documents/${room.sid}.channel`,
    `v3/Lists/${room.sid}.messages`,
    `v3/Lists/${room.sid}.messages/Items`,
    `v3/Maps/${room.sid}.roster`,
    `v3/Maps/${room.sid}.roster/Items`,
    'v3/Maps/US00000000000000000000000000000000.conversations',
    'v3/Lists/nothing',
    'v9/anything',
  ]) await ask(path);
});

await step('who is no owner may not change, remove or delete', async () => {
  await refused(his.updateFriendlyName('Mine'), 403);
  await refused(his.updateAttributes({ mine: true }), 403);
  await refused(his.removeParticipant('Ana'), 403);
  await refused(his.delete(), 403);
  const hers = (await his.getMessages()).items[0];
  await refused(hers.updateBody('his'), 403);
  await refused(hers.remove(), 403);
});

await step('who was removed hears nothing more, and cannot come back by themselves', async () => {
  const left = until(bo, 'conversationLeft');
  await room.removeParticipant('Bo');
  await left;
  await silent(his, 'messageAdded', async () => {
    const heard = until(room, 'messageAdded', (message) => message.body === 'without him');
    await room.sendMessage('without him');
    await heard;
    // Whatever was on its way to him came before this answer.
    await bo.getContentTemplates();
  });
  await refused(bo.peekConversationBySid(room.sid), 404, 50350);
  await assert.rejects(his.sendMessage('still here'));
  await assert.rejects(his.join());
  await assert.rejects(his.typing());
});

await end();
