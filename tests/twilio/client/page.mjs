// A page of another origin in a real browser: connects, sends a form's file, is loaded again and misses nothing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { end, eventually, ready, stage, step, token, until } from './stage.mjs';

const require = createRequire(import.meta.url);
const builds = path.dirname(require.resolve('@twilio/conversations'));
const library = await readFile(path.join(builds, 'twilio-conversations.min.js'));

// The page asks for what to do and says what came of it, also after it was loaded again.
const html = `<!doctype html><meta charset="utf-8"><script src="/library.js"></script><script type="module">
  for (;;) {
    const code = await (await fetch('/next')).text();
    const told = await (0, eval)('(async () => {' + code + '})()').then((value) => ({ value }), (error) => ({ error: String(error?.stack ?? error) }));
    await fetch('/told', { method: 'POST', body: JSON.stringify(told) });
    if (window.leaving) { location.reload(); break; }
  }
</script>`;

let waiting = [];
let orders = [];
const answers = [];
const site = createServer((request, response) => {
  if (request.url === '/library.js') return response.end(library);
  if (request.url === '/next') {
    const order = orders.shift();
    if (order) return response.end(order);
    return waiting.push(response);
  }
  if (request.url === '/told') {
    let body = '';
    request.on('data', (piece) => { body += piece; });
    return request.on('end', () => { response.end(); answers.shift()(JSON.parse(body)); });
  }
  response.setHeader('Content-Type', 'text/html');
  return response.end(html);
});
await new Promise((listening) => site.listen(0, '127.0.0.1', listening));

/** Runs a function in the page and gives what it returns. */
async function inPage(run, ...values) {
  const order = `return (${run})(...${JSON.stringify(values)})`;
  const answer = new Promise((answered) => answers.push(answered));
  const open = waiting.filter((response) => !response.destroyed);
  waiting = [];
  if (open.length > 0) open.at(-1).end(order);
  else orders.push(order);
  const { value, error } = await answer;
  if (error) throw new Error(error);
  return value;
}

const profile = await mkdtemp(path.join(tmpdir(), 'confab-page-'));
const browser = spawn(
  stage.browser,
  ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`, `http://127.0.0.1:${site.address().port}/`],
  { stdio: 'ignore' },
);
const gone = new Promise((exited) => browser.on('exit', exited));
process.on('exit', () => browser.kill('SIGKILL'));

const ana = await ready('Ana');
const room = await ana.createConversation({ friendlyName: 'Harbour' });
await room.join();
await eventually('a roster', async () => (await room.getParticipants()).length === 1);
await room.add('Bo');

const connect = async (text, uri, sid) => {
  const client = new Twilio.Conversations.Client(text, { Twilsock: { uri } });
  await new Promise((resolve, reject) => {
    client.onWithReplay('initialized', resolve);
    client.onWithReplay('connectionError', (error) => error.terminal && reject(new Error(error.message)));
  });
  window.client = client;
  window.room = await client.getConversationBySid(sid);
  window.heard = [];
  window.room.on('messageAdded', (message) => window.heard.push(message.body));
  return [client.user.identity, window.room.friendlyName, (await window.room.getParticipants()).length];
};

await step('a page of another origin connects', async () => {
  assert.deepEqual(await inPage(connect, token('Bo'), stage.uri, room.sid), ['Bo', 'Harbour', 2]);
});

await step('it hears and is heard', async () => {
  await room.sendMessage('to the page');
  await eventually('it in the page', async () => (await inPage(() => window.heard)).includes('to the page'));
  const heard = until(room, 'messageAdded', (message) => message.author === 'Bo');
  await inPage(async () => { await window.room.sendMessage('from the page'); });
  assert.equal((await heard).body, 'from the page');
});

await step('it sends the file of a form and fetches it again', async () => {
  const heard = until(room, 'messageAdded', (message) => message.type === 'media');
  await inPage(async () => {
    const form = new FormData();
    form.append('file', new Blob(['what a form holds'], { type: 'text/plain' }), 'form.txt');
    await window.room.prepareMessage().setBody('a form').addMedia(form).build().send();
  });
  const [file] = (await heard).attachedMedia;
  assert.deepEqual([file.filename, file.contentType, file.size], ['form.txt', 'text/plain', 17]);
  const text = await inPage(async () => {
    const { items } = await window.room.getMessages(1);
    return (await fetch(await items[0].attachedMedia[0].getContentTemporaryUrl())).text();
  });
  assert.equal(text, 'what a form holds');
});

await step('loaded again, it goes on and misses nothing', async () => {
  // Lists that a page had kept it would use again without saying how far it knows them.
  assert.deepEqual(await inPage(() => Object.keys(sessionStorage).filter((key) => key.includes('::'))), []);
  await inPage(() => { window.leaving = true; });
  await room.updateFriendlyName('Quay');
  await room.sendMessage('while it was away');
  const again = await inPage(connect, token('Bo'), stage.uri, room.sid);
  assert.deepEqual([again[0], again[2]], ['Bo', 2]);
  await eventually('its new name', async () => (await inPage(() => window.room.friendlyName)) === 'Quay');
  const bodies = await inPage(async () => (await window.room.getMessages()).items.map((message) => message.body));
  assert.deepEqual(bodies, ['to the page', 'from the page', 'a form', 'while it was away']);
  await room.sendMessage('after it came back');
  await eventually('it in the page', async () => (await inPage(() => window.heard)).includes('after it came back'));
});

browser.kill();
await gone;
site.closeAllConnections();
await rm(profile, { recursive: true, force: true, maxRetries: 5 });
await end();
