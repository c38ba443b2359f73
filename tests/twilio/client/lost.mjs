// Changes that nobody tells this server of: the client hears of them by itself.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { end, eventually, ready, stage, step, until } from './stage.mjs';

const ana = await ready('Ana');
const room = await ana.createConversation({ friendlyName: 'Harbour' });
await room.join();
await eventually('herself', async () => (await room.getParticipants()).length === 1);

/** Asks for another name, written where no server sees it, and waits until it is heard of. */
async function renamed(name) {
  const heard = until(room, 'updated', ({ updateReasons }) => updateReasons.includes('friendlyName'));
  await writeFile(stage[name], room.sid);
  await heard;
  assert.equal(room.friendlyName, name);
}

await step('what the bus has lost is heard with the heartbeat', () => renamed('Quay'));
await step('what could not be read is read again with the next heartbeat', () => renamed('Pier'));

await end();
