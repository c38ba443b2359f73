import type { ConversationRow, MessageRow } from '$lib/backend';

/** Newest activity first; rows of the same instant by key, so that they never swap places. */
export function orderConversations(rows: readonly ConversationRow[]): ConversationRow[] {
    return rows.toSorted((a, b) => b.activity_at - a.activity_at || (a.key < b.key ? -1 : 1));
}

/** By index; local echoes, which have none, after all others in the order in which they were written. */
export function orderMessages(rows: readonly MessageRow[]): MessageRow[] {
    return rows.toSorted((a, b) => {
        if (a.index === null) return b.index === null ? 0 : 1;
        return b.index === null ? -1 : a.index - b.index;
    });
}
