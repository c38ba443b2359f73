import type { FilesPreview, MessageRow } from '$lib/backend';
import { t } from '$lib/i18n/fluent';

/** What a message without a text holds, in a few words. */
export function filesLabel(files: FilesPreview): string {
    if (files.kind === 'file' && files.count === 1 && files.name) return files.name;
    return t(`files-${files.kind}`, { count: files.count });
}

/** The text of a message, or else its files, for those who do not see them. */
export function spoken(message: Pick<MessageRow, 'subject' | 'body' | 'media'>): string {
    const names = message.media.map((file) => file.name ?? t(`files-${file.kind}`, { count: 1 }));
    return [message.subject ?? '', message.body, ...names].filter((part) => part.trim() !== '').join(', ');
}
