import { backend } from '$lib/backend';
import type { Shortcut } from '$lib/keys/shortcuts';
import { app } from '$lib/store/app.svelte';
import { neighbour } from '$lib/store/neighbour';
import { markAllRead, markOpenRead } from '$lib/store/reading';
import { ui } from '$lib/store/window.svelte';

function walk(step: 1 | -1, unread: boolean): void {
    const key = neighbour(app.view.conversations, app.openKey, step, unread);
    if (key === null) return;
    ui.settings = null;
    app.openConversation(key);
}

const actions: Record<Shortcut, () => void> = {
    switcher: () => (ui.dialog = ui.dialog === 'switcher' ? null : 'switcher'),
    new_conversation: () => (ui.dialog = 'new_conversation'),
    directory: () => (ui.dialog = ui.dialog === 'directory' ? null : 'directory'),
    shortcuts: () => (ui.dialog = ui.dialog === 'shortcuts' ? null : 'shortcuts'),
    settings: () => (ui.settings = ui.settings === null ? 'appearance' : null),
    quit: () => void app.ask(() => backend.quit()),
    all_read: markAllRead,
    details: () => app.open && app.settings.setDetailsOpen(!app.settings.detailsOpen),
    next: () => walk(1, false),
    previous: () => walk(-1, false),
    next_unread: () => walk(1, true),
    previous_unread: () => walk(-1, true),
    larger_text: () => app.settings.stepTextSize(1),
    smaller_text: () => app.settings.stepTextSize(-1),
    normal_text: () => app.settings.setTextSize('100'),
};

/** Does what a shortcut asks for. */
export function obey(shortcut: Shortcut): void {
    actions[shortcut]();
}

/** One step back; with nowhere to go back to, what is open counts as read. False when there is nothing of either. */
export function goBack(): boolean {
    if (ui.viewing !== null) ui.viewing = null;
    else if (ui.settings !== null) ui.settings = null;
    else if (ui.editing !== null) ui.editing = null;
    else if (app.settings.detailsOpen && app.open) app.settings.setDetailsOpen(false);
    else if (ui.narrow && app.open) app.openConversation(null);
    else return markOpenRead();
    return true;
}
