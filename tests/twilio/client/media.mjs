// Files: sent, found by the others, fetched by addresses that stand for themselves.

import assert from 'node:assert/strict';
import { end, ready, stage, step, token, until } from './stage.mjs';

const ana = await ready('Ana');
const bo = await ready('Bo');
const room = await ana.createConversation({});
await room.join();
const met = until(bo, 'conversationJoined');
await room.add('Bo');
const his = await met;

const text = 'What is in the hold: '.repeat(200);
const large = Buffer.alloc(2 * 1024 * 1024 + 17, 7);
let message;

await step('a message brings its files in their order [POST Media, media in list_item_added]', async () => {
  const heard = until(his, 'messageAdded');
  await room
    .prepareMessage()
    .setBody('with two files')
    .addMedia({ contentType: 'text/plain', filename: 'hold.txt', media: Buffer.from(text) })
    .addMedia({ contentType: 'application/octet-stream', filename: 'large.bin', media: large })
    .buildAndSend();
  message = await heard;
  assert.equal(message.type, 'media');
  const files = message.attachedMedia.map(({ filename, contentType, size, category }) => [filename, contentType, size, category]);
  assert.deepEqual(files, [
    ['hold.txt', 'text/plain', text.length, 'media'],
    ['large.bin', 'application/octet-stream', large.length, 'media'],
  ]);
});

await step('their bytes are at addresses that need no token [GET Media, GET Content]', async () => {
  const [one, other] = message.attachedMedia;
  const url = await one.getContentTemporaryUrl();
  assert.equal(await (await fetch(url)).text(), text);
  const bytes = Buffer.from(await (await fetch(await other.getContentTemporaryUrl())).arrayBuffer());
  assert.ok(bytes.equals(large));
  const part = await fetch(url, { headers: { Range: 'bytes=0-3' } });
  assert.deepEqual([part.status, await part.text()], [206, 'What']);
  assert.equal((await fetch(url.replace(/signature=.*/, 'signature=no'))).status, 403);
});

await step('several addresses are asked for at once [POST MediaSet]', async () => {
  const urls = await bo.getTemporaryContentUrlsForMedia(message.attachedMedia);
  assert.equal(urls.size, 2);
  for (const url of urls.values()) assert.equal((await fetch(url)).status, 200);
  await assert.rejects(bo.getTemporaryContentUrlsForMediaSids([`ME${'0'.repeat(32)}`]));
});

await step('a stranger has none of it, and without a token nothing is taken', async () => {
  const eve = await ready('Eve');
  await assert.rejects(eve.getTemporaryContentUrlsForMedia(message.attachedMedia));
  const service = `${stage.uri.replace('ws:', 'http:').replace('/v3/wsconnect', '')}/v1/Services/${stage.key.service_sid}`;
  assert.equal((await fetch(`${service}/Media`, { method: 'POST', body: 'x' })).status, 401);
  const asked = await fetch(`${service}/Media/${message.attachedMedia[0].sid}`, { headers: { 'X-Twilio-Token': token('Eve') } });
  assert.equal(asked.status, 404);
});

await step('a form is taken as browsers send it, and pages from anywhere may ask', async () => {
  const service = `${stage.uri.replace('ws:', 'http:').replace('/v3/wsconnect', '')}/v1/Services/${stage.key.service_sid}`;
  const preflight = await fetch(`${service}/Media?Category=media`, {
    method: 'OPTIONS',
    headers: { Origin: 'http://elsewhere.example', 'Access-Control-Request-Headers': 'x-twilio-token' },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
  assert.match(preflight.headers.get('access-control-allow-headers'), /X-Twilio-Token/);
  const form = new FormData();
  form.append('file', new Blob(['in a form'], { type: 'text/plain' }), 'form.txt');
  const body = Buffer.from(await new Response(form).arrayBuffer());
  const type = new Response(form).headers.get('content-type');
  const boundary = body.toString('latin1', 2, body.indexOf('\r\n'));
  const sent = await fetch(`${service}/Media?Category=media`, {
    method: 'POST',
    headers: {
      'X-Twilio-Token': token('Ana'), Origin: 'http://elsewhere.example',
      'Content-Type': `${type.split(';')[0]}; boundary=${boundary}`,
    },
    body,
  });
  const record = await sent.json();
  assert.deepEqual([sent.status, record.filename, record.content_type, record.size], [201, 'form.txt', 'text/plain', 9]);
  assert.equal(sent.headers.get('access-control-allow-origin'), '*');
});

await step('what is removed is nowhere any more', async () => {
  const url = await message.attachedMedia[0].getContentTemporaryUrl();
  const removed = until(his, 'messageRemoved');
  await (await room.getMessages(1)).items[0].remove();
  await removed;
  assert.equal((await fetch(url)).status, 404);
});

await end();
