import type { PersonView } from '$lib/backend';
import { app } from '$lib/store/app.svelte';
import { interest } from '$lib/store/interest.svelte';

const pause = 120;
/** Questions for one search: each goes through 2,000 people, and whoever is not found then types more of the name. */
const most = 5;
const enough = 20;

/** People of the workspace whose names hold what is typed. */
export class Directory {
    people = $state.raw<PersonView[]>([]);
    /** What is shown is the answer to what was typed last. */
    searched = $state(false);
    #timer: ReturnType<typeof setTimeout> | undefined;
    /** Counts searches: an answer to an older one is void. */
    #search = 0;

    /** Looks for `text` in a moment; null looks for nobody. */
    look(text: string | null): () => void {
        clearTimeout(this.#timer);
        this.#search += 1;
        this.searched = false;
        if (text === null) this.people = [];
        else this.#timer = setTimeout(() => void this.#find(text.trim(), this.#search), pause);
        return () => clearTimeout(this.#timer);
    }

    async #find(query: string, search: number): Promise<void> {
        let after: string | null = null;
        const found: PersonView[] = [];
        for (let asked = 0; asked < most && found.length < enough; asked += 1) {
            const answer = await app.tryDispatch({ kind: 'list_people', query, after });
            if (search !== this.#search || 'code' in answer || answer.kind !== 'people') return;
            found.push(...answer.people);
            after = answer.next;
            if (after === null) break;
        }
        this.people = found;
        this.searched = true;
        interest.showFound(found.slice(0, enough).map((person) => person.identity));
    }
}
