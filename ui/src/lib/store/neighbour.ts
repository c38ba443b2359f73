import type { ConversationRow } from '$lib/backend';

/** The row above or below the open one, round the ends; with `unread` only among those that wait to be read. */
export function neighbour(
    rows: readonly ConversationRow[],
    open: string | null,
    step: 1 | -1,
    unread: boolean,
): string | null {
    const start = rows.findIndex((row) => row.key === open);
    for (let distance = 1; distance <= rows.length; distance += 1) {
        const from = start === -1 && step === -1 ? 0 : start;
        const row = rows[(from + step * distance + rows.length * 2) % rows.length];
        if (row && row.key !== open && (!unread || row.unread > 0)) return row.key;
    }
    return null;
}
