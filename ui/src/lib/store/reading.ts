import { app } from './app.svelte';
import { ui } from './window.svelte';

/** Puts the horizon of the open conversation behind its newest message; false when nothing is unread there. */
export function markOpenRead(): boolean {
    const row = app.openRow;
    if (!row || row.left || (row.unread === 0 && ui.unreadKept === null)) return false;
    ui.unreadKept = null;
    void app.dispatch({ kind: 'mark_read', conversation: row.key });
    return true;
}

/** The same everywhere. */
export function markAllRead(): void {
    ui.unreadKept = null;
    void app.dispatch({ kind: 'mark_all_read' });
}
