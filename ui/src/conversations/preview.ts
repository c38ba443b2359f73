import type { ConversationRow } from '$lib/backend';
import { filesLabel } from '$lib/files/words';
import { t } from '$lib/i18n/fluent';

/** The second line of a conversation in the list. Of two people the name above says who wrote. */
export function previewOf(row: ConversationRow): string {
    if (row.left) return t('conversation-left');
    if (row.going) return t('conversation-going');
    const text = row.preview_files ? filesLabel(row.preview_files) : row.preview;
    if (text === null) return t('conversation-empty');
    if (row.preview_own) return t('conversation-preview-own', { text });
    const author = row.peer === null ? row.preview_author : null;
    return author === null ? text : t('conversation-preview-other', { author, text });
}
