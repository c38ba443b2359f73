// How long a stock client takes until it lists sixty conversations: against a server, and against a stub that answers each
// request with what the server once answered, without work. Prints one line of JSON with the times of every run.

import { once } from 'node:events';
import process from 'node:process';
import { WebSocket, WebSocketServer } from 'ws';
import { client, ready, stage, until } from '../client/stage.mjs';

const CONVERSATIONS = 60;
const MAGIC = 'TWILSOCK V3.0 ';

function read(packet) {
  const end = packet.indexOf('\r\n');
  const length = Number(packet.toString('utf8', MAGIC.length, end));
  const header = JSON.parse(packet.toString('utf8', end + 2, end + 2 + length));
  return { header, payload: packet.toString('utf8', end + 4 + length, end + 4 + length + header.payload_size) };
}

function write(header, payload = '') {
  const text = JSON.stringify({ ...header, payload_type: 'application/json', payload_size: Buffer.byteLength(payload) });
  return Buffer.from(`${MAGIC}${Buffer.byteLength(text)}\r\n${text}\r\n${payload}`);
}

const key = ({ http_request: { method, path, params } }) => JSON.stringify([method, path, params]);

/** Passes everything on to the server, and keeps its answers. */
function recorder(answers) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (near) => {
    const far = new WebSocket(stage.uri);
    const asked = new Map();
    const early = [];
    far.on('open', () => early.splice(0).forEach((packet) => far.send(packet)));
    near.on('message', (packet) => {
      const { header } = read(packet);
      if (header.http_request) asked.set(header.id, key(header));
      if (far.readyState === WebSocket.OPEN) far.send(packet);
      else early.push(packet);
    });
    far.on('message', (packet) => {
      const { header, payload } = read(packet);
      if (asked.has(header.id)) answers.set(asked.get(header.id), { status: header.http_status, payload });
      near.send(packet);
    });
    near.on('close', () => far.close());
  });
  return server;
}

/** Answers from what was kept. */
function stub(answers) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (packet) => {
      const { header, payload } = read(packet);
      const ok = { method: 'reply', id: header.id, status: { code: 200, status: 'OK' } };
      if (!header.http_request) return header.method === 'reply' ? undefined : socket.send(write(ok));
      if (header.http_request.path.endsWith('/v4/Subscriptions')) {
        const ask = JSON.parse(payload);
        socket.send(write({ ...ok, http_status: { code: 200, status: 'OK' } }, '{"max_batch_size":100,"estimated_delivery_in_ms":5000}'));
        const events = ask.requests.map(({ object_sid, object_type, last_event_id }) => ({ object_sid, object_type, replay_status: 'completed', last_event_id }));
        const body = { event_type: 'subscription_established', correlation_id: ask.correlation_id, event_protocol_version: 4, events };
        return socket.send(write({ method: 'notification', id: 'TM0', message_type: 'twilio.sync.event' }, JSON.stringify(body)));
      }
      const { status, payload: body } = answers.get(key(header));
      return socket.send(write({ ...ok, http_status: status }, body));
    });
  });
  return server;
}

/** The address of a server of this script's, once it listens. */
async function uriOf(server) {
  await once(server, 'listening');
  return `ws://127.0.0.1:${server.address().port}/v3/wsconnect`;
}

/** From nothing to the whole list, in milliseconds. */
async function start(uri) {
  const began = process.hrtime.bigint();
  const made = client('Bo', { Twilsock: { uri } });
  await until(made, 'initialized');
  let page = await made.getSubscribedConversations();
  let count = page.items.length;
  while (page.hasNextPage) {
    page = await page.nextPage();
    count += page.items.length;
  }
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  if (count !== CONVERSATIONS) throw new Error(`${count} conversations`);
  await made.shutdown();
  return took;
}

const ana = await ready('Ana');
for (let number = 0; number < CONVERSATIONS; number += 1) {
  const room = await ana.createConversation({ friendlyName: `Conversation ${number}` });
  await room.join();
  await room.add('Bo');
  await room.sendMessage('first');
}
await ana.shutdown();
const answers = new Map();
await start(await uriOf(recorder(answers)));
const constant = await uriOf(stub(answers));
const times = { server: [], stub: [] };
for (let run = 0; run < Number(stage.rounds ?? 5); run += 1) {
  times.stub.push(await start(constant));
  times.server.push(await start(stage.uri));
}
process.stdout.write(`${JSON.stringify(times)}\n`);
process.exit(0);
