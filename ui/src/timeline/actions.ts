import type { MessageRow } from '$lib/backend';
import { isComposing } from '$lib/keys/composer';
import { app } from '$lib/store/app.svelte';
import { copyText } from '$lib/store/clipboard';
import { ui } from '$lib/store/window.svelte';

/** What can be done with a message here; undefined where it cannot. */
export interface MessageActions {
    edit?: () => void;
    copy: () => void;
    markUnread?: () => void;
    retry?: () => void;
    /** Removes it, or forgets it when it was never sent. */
    remove?: () => void;
    /** Shows who wrote it. */
    profile: () => void;
    /** Shows who has read it. */
    seen?: () => void;
}

/** What opens beside the message. */
export interface Shows {
    profile: () => void;
    seen: () => void;
}

export function actionsFor(conversation: string, row: MessageRow, shows: Shows): MessageActions {
    const message = row.key;
    const actions: MessageActions = { copy: () => void copyText(row.body), profile: shows.profile };
    if (row.index !== null) actions.seen = shows.seen;
    if (row.can_edit) actions.edit = () => ui.edit(row);
    if (row.index !== null) {
        const { index } = row;
        actions.markUnread = () => {
            ui.unreadKept = index;
            void app.dispatch({ kind: 'mark_unread', conversation, index });
        };
    }
    if (row.state === 'failed') {
        actions.retry = () => void app.dispatch({ kind: 'retry', conversation, message });
        actions.remove = () => void app.dispatch({ kind: 'discard', conversation, message });
    } else if (row.can_remove) {
        actions.remove = () => void app.dispatch({ kind: 'remove', conversation, message });
    }
    return actions;
}

const keys: Record<string, keyof MessageActions> = {
    e: 'edit',
    c: 'copy',
    u: 'markUnread',
    r: 'retry',
    p: 'profile',
    s: 'seen',
    delete: 'remove',
};

/** The keys of a message that the keyboard stands on. */
export function actOn(event: KeyboardEvent, actions: MessageActions): void {
    if (event.target !== event.currentTarget || isComposing(event)) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const action = keys[event.key.toLowerCase()];
    const act = action && actions[action];
    if (!act) return;
    event.preventDefault();
    act();
}
