import Bell from '@lucide/svelte/icons/bell';
import BellOff from '@lucide/svelte/icons/bell-off';
import BookmarkMinus from '@lucide/svelte/icons/bookmark-minus';
import LogOut from '@lucide/svelte/icons/log-out';
import type { ConversationRow } from '$lib/backend';
import { t } from '$lib/i18n/fluent';
import { app } from '$lib/store/app.svelte';
import { ui } from '$lib/store/window.svelte';
import type { MenuItem } from '$shared/Menu.svelte';

/** What one may do with a conversation from its row. */
export function rowMenu(row: ConversationRow): MenuItem[] {
    if (row.left || row.going) return [];
    const muted = row.notification_level === 'muted';
    const level = muted ? 'default' : 'muted';
    const mute: MenuItem = {
        label: t(muted ? 'details-unmute' : 'details-mute'),
        icon: muted ? Bell : BellOff,
        testid: 'row-mute',
        action: () => app.dispatch({ kind: 'set_notification_level', conversation: row.key, level }),
    };
    const unread: MenuItem = {
        label: t('details-mark-unread'),
        icon: BookmarkMinus,
        testid: 'row-mark-unread',
        action: () => {
            // While it is on screen, reading would take it back at once.
            if (row.key === app.openKey) {
                ui.unreadKept = app.open?.messages.findLast(({ index }) => index !== null)?.index ?? null;
            }
            void app.dispatch({ kind: 'mark_unread', conversation: row.key, index: null });
        },
    };
    const leave: MenuItem = {
        label: t('details-leave'),
        icon: LogOut,
        testid: 'row-leave',
        danger: true,
        apart: true,
        action: () => ui.askAbout('leave', row.key),
    };
    return [
        mute,
        ...(row.preview === null ? [] : [unread]),
        ...(row.peer === null && row.sid !== null ? [leave] : []),
    ];
}
