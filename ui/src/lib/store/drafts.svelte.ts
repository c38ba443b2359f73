import { SvelteMap } from 'svelte/reactivity';
import type { ConversationRow } from '$lib/backend';

const pause = 300;

/**
 * What is being written, by conversation. What was typed in this window counts until the core has kept it, so that
 * an answer that comes late never takes a letter away, and no conversation ever sees the text of another.
 */
export class Drafts {
    #texts = new SvelteMap<string, string>();
    #timers = new Map<string, ReturnType<typeof setTimeout>>();

    constructor(private readonly keep: (conversation: string, body: string) => unknown) {}

    text(row: Pick<ConversationRow, 'key' | 'draft'>): string {
        return this.#texts.get(row.key) ?? row.draft;
    }

    write(conversation: string, text: string): void {
        this.#texts.set(conversation, text);
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
        this.#texts.set(conversation, '');
    }

    /** What the core has kept as it stands here need not be remembered for conversations that are not open. */
    forget(rows: readonly ConversationRow[], open: string | null): void {
        if (this.#texts.size === 0) return;
        for (const row of rows) {
            if (row.key === open || this.#timers.has(row.key)) continue;
            if (this.#texts.get(row.key) === row.draft) this.#texts.delete(row.key);
        }
    }

    #stop(conversation: string): void {
        clearTimeout(this.#timers.get(conversation));
        this.#timers.delete(conversation);
    }
}
