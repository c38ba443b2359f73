// What the scripts stand on: stock clients, waiting for what has to happen, and steps that are told one by one.

import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import process from 'node:process';

/** What the test that runs this script says: where the server is, and a key with which tokens are signed. */
export const stage = JSON.parse(process.env.CONFAB_STAGE);

/** Ends a script that would wait for ever. Far above what anything takes: a busy machine must fail no script. */
const PATIENCE_MS = 40_000;

const { Client } = (await import(stage.package ?? '@twilio/conversations')).default;
const open = [];

/** A token in the form of Twilio's AccessToken. */
export function token(identity, { seconds = 3_600, key = stage.key, ...changes } = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const header = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' };
  const grants = { identity, chat: { service_sid: key.service_sid } };
  const jti = `${key.key_sid}-${randomUUID()}`;
  const body = { jti, iss: key.key_sid, sub: key.account_sid, iat: now, exp: now + seconds, grants, ...changes };
  const signed = [header, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', key.secret).update(signed).digest('base64url')}`;
}

/** A stock client with a token of an identity, not yet initialised. */
export function client(identity, options = {}) {
  return withToken(token(identity), options);
}

/** The same with a token of one's own. */
export function withToken(text, options = {}) {
  const made = new Client(text, { Twilsock: { uri: stage.uri }, ...options });
  open.push(made);
  return made;
}

/** The same, initialised. */
export async function ready(identity, options = {}) {
  const made = client(identity, options);
  await until(made, 'initialized');
  return made;
}

/** Whether an event comes before something else is over. */
export async function silent(emitter, event, during) {
  const heard = [];
  const listener = (value) => heard.push(value);
  emitter.on(event, listener);
  await during();
  emitter.off(event, listener);
  assert.equal(heard.length, 0, `${event} was not to be heard`);
}

/** Waits for an event that passes a test. Call it before what causes the event. */
export function until(emitter, event, passes = () => true) {
  return within(`${event}`, (resolve) => {
    const listener = (value) => {
      if (passes(value)) {
        emitter.off(event, listener);
        resolve(value);
      }
    };
    // What was told before anybody listened counts too for what happens once.
    if (event === 'initialized') emitter.onWithReplay(event, listener);
    else emitter.on(event, listener);
  });
}

/**
 * Waits until a client has somebody in its roster. What happens to them before that it finds in their row, and tells nobody of.
 */
export function knows(room, identity) {
  return eventually(`${identity} in the roster`, async () =>
    (await room.getParticipants()).some((participant) => participant.identity === identity));
}

/** Waits until something asked again and again is true. */
export function eventually(what, ask) {
  return within(what, async (resolve, isOver) => {
    while (!isOver()) {
      const answer = await ask();
      if (answer) return resolve(answer);
      await new Promise((again) => setImmediate(again));
    }
  });
}

function within(what, run) {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = setTimeout(() => done(reject, new Error(`waited in vain for: ${what}`)), PATIENCE_MS);
    const done = (settle, value) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      settle(value);
    };
    Promise.resolve(run((value) => done(resolve, value), () => over)).catch((error) => done(reject, error));
  });
}

/** That something is refused with this status and this number. */
export async function refused(promise, status, code) {
  const error = await promise.then(() => assert.fail('it was not refused'), (error) => error);
  assert.equal(error.status, status, `${error.message} ${JSON.stringify(error.body)}`);
  if (code !== undefined) assert.equal(error.body.code, code, JSON.stringify(error.body));
  return error;
}

/** A step with its name; the first that fails ends the script. */
export async function step(name, run) {
  try {
    await run();
    process.stdout.write(`ok ${name}\n`);
  } catch (error) {
    process.stdout.write(`failed ${name}: ${error?.stack ?? error} ${JSON.stringify(error?.body ?? null)}\n`);
    process.exit(1);
  }
}

/** Ends every client, and the script. */
export async function end() {
  await Promise.all(open.map((made) => made.shutdown().catch(() => {})));
  process.stdout.write('done\n');
  process.exit(0);
}
