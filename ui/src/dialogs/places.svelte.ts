import type { LeftView, Problem, PublicView } from '$lib/backend';
import { app } from '$lib/store/app.svelte';
import { match } from '$lib/store/match';
import { nameOf } from '$lib/store/naming';

/** A conversation that one is not in, as far as it is known before one looks closer. */
export type Place = Partial<PublicView> & Pick<LeftView, 'sid' | 'name'> & { left_at?: number | null };
export type Shelf = 'public' | 'left';

/** Pages that are asked for while something is searched: what is further away is found by a longer way. */
const most = 20;

/** The conversations of the directory, or those that one has left, page by page. */
export class Places {
    list = $state.raw<Place[]>([]);
    loading = $state(false);
    problem = $state.raw<Problem | null>(null);
    /** What to go on after; null at the end. */
    next = $state<string | null>(null);
    /** Counts beginnings: an answer to an older one is void. */
    #begun = 0;

    /** Begins anew. */
    async show(shelf: Shelf): Promise<void> {
        this.#begun += 1;
        [this.list, this.next, this.problem] = [[], null, null];
        await this.#page(shelf, null);
    }

    async more(shelf: Shelf): Promise<void> {
        if (!this.loading && this.next !== null) await this.#page(shelf, this.next);
    }

    /** Goes through all of it, so that a search misses nothing. */
    async all(shelf: Shelf): Promise<void> {
        const begun = this.#begun;
        for (let page = 0; page < most && this.next !== null && begun === this.#begun; page += 1) {
            if (this.loading || this.problem) return;
            await this.#page(shelf, this.next);
        }
    }

    /** Those whose names hold what is typed. */
    matching(text: string): Place[] {
        const words = (place: Place) => `${placeName(place)} ${place.unique_name ?? ''}`;
        return match(this.list, text, words);
    }

    async #page(shelf: Shelf, after: string | null): Promise<void> {
        const begun = this.#begun;
        this.loading = true;
        const kind = shelf === 'public' ? 'list_public' : 'list_left';
        const answer = await app.tryDispatch({ kind, after });
        if (begun !== this.#begun) return;
        this.loading = false;
        if ('code' in answer) this.problem = answer;
        else if (answer.kind === 'directory' || answer.kind === 'left') {
            this.list = [...this.list, ...answer.conversations];
            this.next = answer.next;
        }
    }
}

export function placeName(place: Place): string {
    return nameOf({ name: place.name, unique_name: place.unique_name ?? null });
}
