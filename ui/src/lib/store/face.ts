import type { ConversationRow } from '$lib/backend';
import { app } from './app.svelte';
import { nameOf } from './naming';

/** How a conversation is drawn: one of two people as the other one, any other as a tile. */
export function faceOf(row: ConversationRow) {
    const name = nameOf(row);
    if (row.peer === null) return { id: row.key, name, tile: true };
    return { id: row.peer, name, presence: app.presenceOf({ identity: row.peer }) };
}
