import { SvelteMap } from 'svelte/reactivity';
import type { ConversationRow } from '$lib/backend';

const pause = 300;
/** How long after the last letter somebody who has a conversation open still counts as writing in it. */
const rest = 2000;

/**
 * What is being written, by conversation. What was typed in this window counts until the core has kept it and the typing
 * rests, so that an answer that comes late never takes a letter away, and no conversation ever sees the text of another.
 * From then on the core's draft counts, which may come from another device.
 */
export class Drafts {
    #texts = new SvelteMap<string, string>();
    #timers = new Map<string, ReturnType<typeof setTimeout>>();
    #rests = new Map<string, ReturnType<typeof setTimeout>>();
    /** The core has shown what was typed as it stands here. */
    #kept = new Set<string>();

    constructor(private readonly keep: (conversation: string, body: string) => unknown) {}

    text(row: Pick<ConversationRow, 'key' | 'draft'>): string {
        return this.#texts.get(row.key) ?? row.draft;
    }

    write(conversation: string, text: string): void {
        this.#set(conversation, text);
        clearTimeout(this.#timers.get(conversation));
        this.#timers.set(
            conversation,
            setTimeout(() => this.flush(conversation), pause),
        );
    }

    /** Keeps what waits; on leaving the conversation and when the window loses the focus. */
    flush(conversation: string): void {
        if (!this.#timers.has(conversation)) return;
        this.#stop(conversation);
        this.keep(conversation, this.#texts.get(conversation) ?? '');
    }

    /** The text was sent: the core empties the draft in the same step. */
    sent(conversation: string): void {
        this.#stop(conversation);
        this.#set(conversation, '');
    }

    /** The text is thrown away where it can never be sent. */
    discard(conversation: string): void {
        this.sent(conversation);
        this.keep(conversation, '');
    }

    /** What the core has kept as it stands here need not be remembered: at once where nobody writes, else after a rest. */
    forget(rows: readonly ConversationRow[], open: string | null): void {
        if (this.#texts.size === 0) return;
        for (const row of rows) {
            if (this.#timers.has(row.key) || this.#texts.get(row.key) !== row.draft) continue;
            this.#kept.add(row.key);
            if (row.key !== open || !this.#rests.has(row.key)) this.#drop(row.key);
        }
    }

    #set(conversation: string, text: string): void {
        this.#texts.set(conversation, text);
        this.#kept.delete(conversation);
        clearTimeout(this.#rests.get(conversation));
        this.#rests.set(
            conversation,
            setTimeout(() => this.#rested(conversation), rest),
        );
    }

    #rested(conversation: string): void {
        this.#rests.delete(conversation);
        if (this.#kept.has(conversation)) this.#drop(conversation);
    }

    #drop(conversation: string): void {
        clearTimeout(this.#rests.get(conversation));
        this.#rests.delete(conversation);
        this.#kept.delete(conversation);
        this.#texts.delete(conversation);
    }

    #stop(conversation: string): void {
        clearTimeout(this.#timers.get(conversation));
        this.#timers.delete(conversation);
    }
}
