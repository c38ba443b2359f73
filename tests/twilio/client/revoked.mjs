// The end of the key that has signed a token is the end of the session.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { client, end, ready, stage, step, until } from './stage.mjs';

const ana = await ready('Ana');

await step('a session ends with its key', async () => {
  const ended = until(ana, 'connectionStateChanged', (state) => state === 'disconnected');
  await writeFile(stage.connected, 'now');
  await ended;
});

await step('and what the key has signed lets nobody in any more', async () => {
  const error = await until(client('Ana'), 'connectionError', ({ terminal }) => terminal);
  assert.deepEqual([error.httpStatusCode, error.errorCode], [401, 20103]);
});

await end();
