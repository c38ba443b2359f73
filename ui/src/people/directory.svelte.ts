import type { PersonView } from '$lib/backend';
import { app } from '$lib/store/app.svelte';
import { match } from '$lib/store/match';

/** Pages of people that are looked through: whoever is on none of them is named by typing the whole name. */
const most = 20;

/** People of the workspace whose names hold what is typed. */
export class Directory {
    people = $state.raw<PersonView[]>([]);
    #all: Promise<PersonView[]> | null = null;
    #search = 0;

    /** Looks for `text`; null looks for nobody. */
    look(text: string | null): void {
        this.#search += 1;
        if (text === null) this.people = [];
        else void this.#find(text, this.#search);
    }

    async #find(text: string, search: number): Promise<void> {
        this.#all ??= this.#load();
        const all = await this.#all;
        if (search !== this.#search) return;
        this.people = match(all, text, (person) => `${person.name} ${person.identity}`);
    }

    async #load(): Promise<PersonView[]> {
        const all: PersonView[] = [];
        let after: string | null = null;
        for (let page = 0; page < most; page += 1) {
            const answer = await app.tryDispatch({ kind: 'list_people', after });
            if ('code' in answer || answer.kind !== 'people') break;
            all.push(...answer.people);
            after = answer.next;
            if (after === null) break;
        }
        return all;
    }
}
