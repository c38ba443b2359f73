import type { ConversationRow } from '$lib/backend';
import type { Dialog } from '$lib/store/window.svelte';

/** Dialogs that ask something about one conversation. */
const ofOne: readonly Dialog[] = ['leave', 'close_conversation', 'delete_conversation'];

/** Whether a question can still be answered: meanwhile others may have closed or deleted what it is about, or removed oneself. */
export function stillAsked(dialog: Dialog, row: ConversationRow | null): boolean {
    if (!ofOne.includes(dialog)) return true;
    if (row === null || row.left || row.going) return false;
    return dialog !== 'close_conversation' || row.state !== 'closed';
}
