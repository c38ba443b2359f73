import type { MessageRow, Problem } from '$lib/backend';
import { app, type Opened } from '$lib/store/app.svelte';

/** Pages without any file that are gone through in one go; then a person says whether to look further. */
const barren = 10;

/** Files of the open conversation, from its end as far back as was asked for, wherever its timeline stands. */
class PastFiles {
    /** By index. */
    messages = $state.raw<MessageRow[]>([]);
    /** Everything from this index on has been looked through; null before the first page has come. */
    from = $state.raw<number | null>(null);
    loading = $state(false);
    problem = $state.raw<Problem | null>(null);
    /** So much was gone through in vain that it goes on only when it is asked to. */
    stopped = $state(false);
    #generation = -1;

    get whole(): boolean {
        return this.from === 0;
    }

    /** Begins with a conversation; one that was not left meanwhile is gone on with. */
    begin(open: Opened): void {
        if (open.generation === this.#generation) return;
        this.#generation = open.generation;
        [this.messages, this.from, this.loading, this.problem, this.stopped] = [[], null, false, null, false];
    }

    /** Looks further back, until there is something to show. */
    async more(open: Opened): Promise<void> {
        if (this.loading || this.whole || open.generation !== this.#generation) return;
        [this.loading, this.stopped, this.problem] = [true, false, null];
        for (let page = 1; await this.#finds(open); page += 1) {
            if (page < barren) continue;
            this.stopped = true;
            break;
        }
        if (open.generation === this.#generation) this.loading = false;
    }

    /** Takes one page. True when it held nothing and there is more behind it. */
    async #finds({ key, generation }: Opened): Promise<boolean> {
        const before = this.from;
        const answer = await app.tryDispatch({ kind: 'list_files', conversation: key, before });
        if (generation !== this.#generation) return false;
        if ('code' in answer) {
            this.problem = answer;
            return false;
        }
        if (answer.kind !== 'files') return false;
        this.messages = [...answer.messages, ...this.messages];
        this.from = answer.next ?? 0;
        return answer.messages.length === 0 && answer.next !== null;
    }
}

export const past = new PastFiles();
