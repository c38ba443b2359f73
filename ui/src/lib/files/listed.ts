import type { MessageRow } from '$lib/backend';

/** What is known of a conversation's messages with files. */
export interface Known {
    /** The rows of the timeline, by index. */
    live: readonly MessageRow[];
    /** Those that were looked up, by index. */
    past: readonly MessageRow[];
    /** Everything from this index on was looked up; null when nothing was. */
    from: number | null;
    /** Keys of those that were removed since. */
    gone: ReadonlySet<string>;
}

/** Messages with files, by index and without holes: a row of the timeline says more than what was looked up. */
export function messagesWithFiles({ live, past, from, gone }: Known): MessageRow[] {
    const sent = live.filter((message) => message.state === 'sent' && message.index !== null);
    const [first, last] = [sent[0]?.index ?? Infinity, sent.at(-1)?.index ?? -1];
    const isIn = (message: MessageRow) => (message.index ?? -1) >= first && (message.index ?? -1) <= last;
    const looked = past.filter((message) => !gone.has(message.key) && !isIn(message));
    const shown = sent.filter((message) => message.media.length > 0 && (message.index ?? 0) >= (from ?? 0));
    return [...looked, ...shown].toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
}
