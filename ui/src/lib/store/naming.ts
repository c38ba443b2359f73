import type { ConversationRow } from '$lib/backend';
import { t } from '$lib/i18n/fluent';

/** What a conversation is called on screen. */
export function nameOf(row: Pick<ConversationRow, 'name' | 'unique_name'>): string {
    return row.name || row.unique_name || t('conversation-unnamed');
}
