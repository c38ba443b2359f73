// Tokens: which are taken, how their end is told, and how another one takes their place.

import assert from 'node:assert/strict';
import { end, stage, step, token, until, withToken } from './stage.mjs';

async function denied(text, code) {
  const made = withToken(text);
  const error = await until(made, 'connectionError', ({ terminal }) => terminal);
  assert.deepEqual([error.httpStatusCode, error.errorCode], [401, code]);
  assert.equal(made.connectionState, 'denied');
  return made;
}

await step('what is not good is refused with its number', async () => {
  const other = { ...stage.key, secret: 'another secret' };
  await denied(token('Ana', { key: other }), 20101);
  await denied('no token', 20101);
  await denied(token('Ana', { iss: `SK${'0'.repeat(32)}` }), 20103);
  await denied(token('Ana', { nbf: Math.floor(Date.now() / 1_000) + 3_000 }), 20105);
  await denied(token('Ana', { grants: { chat: {} } }), 20106);
  await denied(token('Ana', { seconds: 100_000 }), 20104);
});

await step('one that has ended is said to have, and another one lets in', async () => {
  const made = withToken(token('Ana', { seconds: -10 }));
  const ended = until(made, 'tokenExpired');
  const error = until(made, 'connectionError', ({ errorCode }) => errorCode === 20104);
  await Promise.all([ended, error]);
});

await step('its end is announced, and another one takes its place', async () => {
  const made = withToken(token('Bo', { seconds: 10 }));
  const announced = until(made, 'tokenAboutToExpire');
  await until(made, 'initialized');
  await announced;
  // Identities are the same however they are written.
  await made.updateToken(token('bo', { seconds: 3_000 }));
  assert.equal(made.connectionState, 'connected');
  await made.createConversation({});
});

await step('without another one the session ends', async () => {
  const made = withToken(token('Cyd', { seconds: 3 }));
  await until(made, 'initialized');
  const state = until(made, 'connectionStateChanged', (now) => now === 'disconnected');
  await Promise.all([until(made, 'tokenExpired'), state]);
});

await step('a token of somebody else does not take its place', async () => {
  const made = withToken(token('Dee'));
  await until(made, 'initialized');
  // It still asks for its conversations, and nobody catches that it then may not.
  await made.getSubscribedConversations();
  await assert.rejects(made.updateToken(token('Eve')));
});

await end();
