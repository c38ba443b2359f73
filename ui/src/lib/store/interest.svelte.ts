import { app } from './app.svelte';

const pause = 250;
const most = 100;

/** Tells the core what is on screen, so that only that is kept live. Debounced: scrolling must not chatter. */
class Interest {
    #rows = new Set<string>();
    #authors: string[] = [];
    /** Whoever is in sight in the list of people, and whoever was looked for. */
    #people: string[] = [];
    #found: string[] = [];
    #timer: ReturnType<typeof setTimeout> | undefined;
    #sent = '';

    /** Follows which rows of the list are in view; rows may come and go. */
    watchRows(list: HTMLElement): () => void {
        const seen = new IntersectionObserver(
            (entries) => {
                for (const { target, isIntersecting } of entries) {
                    const key = target instanceof HTMLElement ? target.dataset.key : undefined;
                    if (key === undefined) continue;
                    if (isIntersecting) this.#rows.add(key);
                    else this.#rows.delete(key);
                }
                this.#soon();
            },
            { root: list },
        );
        const follow = () => {
            seen.disconnect();
            this.#rows.clear();
            for (const row of list.querySelectorAll('[data-key]')) seen.observe(row);
        };
        const changes = new MutationObserver((records) => {
            if (records.some((record) => record.type === 'childList')) follow();
        });
        changes.observe(list, { childList: true, subtree: true });
        follow();
        return () => {
            seen.disconnect();
            changes.disconnect();
            this.#rows.clear();
        };
    }

    /** Authors of the messages that are drawn. */
    showAuthors(authors: string[]): void {
        this.#authors = authors;
        this.#soon();
    }

    /** People of the roster that are drawn. */
    showPeople(people: string[]): void {
        this.#people = people;
        this.#soon();
    }

    /** People that were found in the workspace. */
    showFound(people: string[]): void {
        this.#found = people;
        this.#soon();
    }

    /** The connection is new: say it again. */
    again(): void {
        this.#sent = '';
        this.#soon();
    }

    #soon(): void {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#tell(), pause);
    }

    #tell(): void {
        const rows = [...this.#rows].slice(0, most);
        const peers = app.view.conversations.flatMap((row) =>
            row.peer !== null && this.#rows.has(row.key) ? [row.peer] : [],
        );
        const roster = app.open?.roster.map((person) => person.identity) ?? [];
        const seen = [...this.#people, ...peers, ...this.#authors, ...this.#found, ...roster];
        const people = [...new Set(seen)].slice(0, most);
        const command = { kind: 'interest', rows, people } as const;
        const text = JSON.stringify(command);
        if (text === this.#sent) return;
        this.#sent = text;
        app.tell(command);
    }
}

export const interest = new Interest();
