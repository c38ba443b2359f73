import { SvelteMap } from 'svelte/reactivity';
import { asProblem } from '$lib/backend';
import type { Command, ConversationRow, FileToSend, Problem } from '$lib/backend';
import { refusalOf, usualLimits, type FileLimits } from '$lib/files/limits';

/** A file that somebody chose, and the way in which it comes into the client's keeping. */
export interface ChosenFile {
    name: string;
    type: string;
    size: number;
    bring: (signal: AbortSignal) => Promise<FileToSend>;
}

/** A file beside what is being written. */
export interface Attachment {
    key: string;
    name: string;
    size: number;
    /** Null while it is being copied. */
    file: FileToSend | null;
}

/** Why a file was not taken: said at once, with its name. */
export interface Refusal {
    problem: Problem;
    name: string;
}

interface Coming extends Attachment {
    end: AbortController;
    done: Promise<boolean>;
    /** It is here or will not come, and so are all before it. */
    over: Promise<unknown>;
}

/**
 * The files beside what is being written, by conversation. The core keeps them; here is what is still being copied, and what it
 * was just told of, so that nothing flickers.
 */
export class Attachments {
    limits = $state.raw<FileLimits>(usualLimits);
    #coming = new SvelteMap<string, readonly Coming[]>();
    /** Told to the core and not yet shown by it. */
    #brought = new SvelteMap<string, readonly FileToSend[]>();
    /** Sent or taken away, and still shown by the core. */
    #gone = new SvelteMap<string, true>();
    #refused = new SvelteMap<string, Refusal>();
    #last = 0;

    constructor(private readonly dispatch: (command: Command) => Promise<unknown>) {}

    /** All of a conversation, in the order in which they were chosen. */
    of(row: Pick<ConversationRow, 'key' | 'attached'>): Attachment[] {
        const kept = this.files(row).map((file) => ({
            key: file.id,
            name: file.name ?? '',
            size: file.size,
            file,
        }));
        return [...kept, ...(this.#coming.get(row.key) ?? [])];
    }

    /** Those that can be sent. */
    files(row: Pick<ConversationRow, 'key' | 'attached'>): FileToSend[] {
        const brought = this.#brought.get(row.key) ?? [];
        const added = brought.filter((file) => !row.attached.some((held) => held.id === file.id));
        return [...row.attached, ...added].filter((file) => !this.#gone.has(file.id));
    }

    refused(conversation: string): Refusal | null {
        return this.#refused.get(conversation) ?? null;
    }

    /** Takes files, as far as there is room and they may be sent; none from somebody who may send none there. */
    add(row: Pick<ConversationRow, 'key' | 'attached'>, chosen: readonly ChosenFile[], may: boolean): void {
        this.#refused.delete(row.key);
        if (!may) {
            const [first] = chosen;
            if (first) this.#refuse(row.key, first.name, 'forbidden', { permission: 'sendMediaMessage' });
            return;
        }
        for (const file of chosen) {
            const refusal = refusalOf(file, this.limits);
            if (refusal === 'too_large') {
                this.#refuse(row.key, file.name, refusal, { field: 'size', limit: this.limits.bytes });
            } else if (refusal !== null) {
                this.#refuse(row.key, file.name, refusal, { content_type: file.type });
            } else if (this.of(row).length >= this.limits.count) {
                this.#refuse(row.key, file.name, 'too_large', { field: 'media', limit: this.limits.count });
                return;
            } else this.#bring(row.key, file);
        }
    }

    remove(conversation: string, attachment: Attachment): void {
        this.#refused.delete(conversation);
        const coming = this.#coming.get(conversation)?.find((other) => other.key === attachment.key);
        if (coming) {
            coming.end.abort();
            this.#drop(conversation, coming.key);
        } else if (attachment.file) {
            this.#forget(conversation, attachment.file);
            void this.dispatch({ kind: 'detach', conversation, file: attachment.file.id });
        }
    }

    /** Waits for what is being copied. False when something did not come. */
    async settled(conversation: string): Promise<boolean> {
        const outcomes = await Promise.all((this.#coming.get(conversation) ?? []).map(({ done }) => done));
        return outcomes.every(Boolean);
    }

    isComing(conversation: string): boolean {
        return (this.#coming.get(conversation) ?? []).length > 0;
    }

    /** They are on their way as a message. */
    sent(conversation: string, files: readonly FileToSend[]): void {
        this.#refused.delete(conversation);
        for (const file of files) this.#forget(conversation, file);
    }

    /** They are not: the core still has them. */
    unsent(files: readonly FileToSend[]): void {
        for (const file of files) this.#gone.delete(file.id);
    }

    /** What the core shows need not be remembered. */
    follow(rows: readonly ConversationRow[]): void {
        if (this.#brought.size === 0 && this.#gone.size === 0) return;
        const shown = new Set(rows.flatMap((row) => row.attached.map((file) => file.id)));
        for (const id of [...this.#gone.keys()]) if (!shown.has(id)) this.#gone.delete(id);
        for (const [conversation, files] of this.#brought) {
            const rest = files.filter((file) => !shown.has(file.id));
            if (rest.length < files.length) this.#put(this.#brought, conversation, rest);
        }
    }

    /** Forgets everything, for the one who comes next. */
    forgetAll(): void {
        for (const list of this.#coming.values()) for (const { end } of list) end.abort();
        this.#coming.clear();
        this.#brought.clear();
        this.#gone.clear();
        this.#refused.clear();
        this.limits = usualLimits;
    }

    #bring(conversation: string, chosen: ChosenFile): void {
        const end = new AbortController();
        this.#last += 1;
        const key = `coming-${this.#last}`;
        const before = this.#coming.get(conversation)?.at(-1)?.over;
        const done = chosen.bring(end.signal).then(
            async (file) => {
                // A short one that was chosen later does not stand before a long one.
                await before;
                return this.#came(conversation, key, file, end.signal);
            },
            (error: unknown) => this.#failed(conversation, key, chosen.name, error, end.signal),
        );
        const ended = new Promise<void>((resolve) => end.signal.addEventListener('abort', () => resolve()));
        const over = Promise.race([done, ended]).then(() => before);
        const { name, size } = chosen;
        const coming: Coming = { key, name, size, file: null, end, done, over };
        this.#coming.set(conversation, [...(this.#coming.get(conversation) ?? []), coming]);
    }

    async #came(conversation: string, key: string, file: FileToSend, ended: AbortSignal): Promise<boolean> {
        try {
            if (!ended.aborted) {
                this.#put(this.#brought, conversation, [...(this.#brought.get(conversation) ?? []), file]);
            }
            this.#drop(conversation, key);
            await this.dispatch({ kind: 'attach', conversation, file });
            if (ended.aborted) await this.dispatch({ kind: 'detach', conversation, file: file.id });
            return true;
        } catch (error) {
            this.#forget(conversation, file);
            this.#gone.delete(file.id);
            return this.#failed(conversation, key, file.name ?? '', error, ended);
        }
    }

    #failed(conversation: string, key: string, name: string, error: unknown, ended: AbortSignal): boolean {
        this.#drop(conversation, key);
        if (ended.aborted) return true;
        this.#refused.set(conversation, { name, problem: asProblem(error) });
        return false;
    }

    #refuse(conversation: string, name: string, code: string, params: Record<string, unknown>): void {
        this.#refused.set(conversation, { name, problem: { code, params } });
    }

    #drop(conversation: string, key: string): void {
        const rest = (this.#coming.get(conversation) ?? []).filter((coming) => coming.key !== key);
        this.#put(this.#coming, conversation, rest);
    }

    #forget(conversation: string, file: FileToSend): void {
        this.#gone.set(file.id, true);
        const rest = (this.#brought.get(conversation) ?? []).filter((other) => other.id !== file.id);
        this.#put(this.#brought, conversation, rest);
    }

    #put<T>(map: SvelteMap<string, readonly T[]>, conversation: string, list: readonly T[]): void {
        if (list.length > 0) map.set(conversation, list);
        else map.delete(conversation);
    }
}
