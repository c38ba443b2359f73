// What the scripts stand on: stock clients, waiting for what has to happen, and steps that are told one by one.

import assert from 'node:assert/strict';
import process from 'node:process';

/** What the test that runs this script says: where the server is, and tokens by identity. */
export const stage = JSON.parse(process.env.CONFAB_STAGE);

/** Ends a script that would wait for ever. */
const PATIENCE_MS = 20_000;

const { Client } = (await import(stage.package ?? '@twilio/conversations')).default;
const open = [];

/** A stock client with the token of an identity, not yet initialised. */
export function client(identity, options = {}) {
  const made = new Client(stage.tokens[identity] ?? identity, { Twilsock: { uri: stage.uri }, ...options });
  open.push(made);
  return made;
}

/** The same, initialised. */
export async function ready(identity, options = {}) {
  const made = client(identity, options);
  await until(made, 'initialized');
  return made;
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
