import { app, type Opened } from '$lib/store/app.svelte';

/** How near an end of what is held may come before the next page is asked for. */
const near = 800;

/** Asks for the next page in time, once per end and connection. */
export class Pages {
    askingOlder = $state(false);
    #askedOlder = '';
    #askedNewer = '';

    follow(open: Opened, room: { above: number; below: number }): void {
        const first = `${open.messages[0]?.key}/${app.view.connection.state}`;
        if (first !== this.#askedOlder) this.askingOlder = false;
        if (open.messages.length === 0) return;
        if (open.ends.has_older && room.above < near) this.older(open);
        if (open.ends.has_newer && room.below < near) this.newer(open);
    }

    older(open: Opened): void {
        const asked = `${open.messages[0]?.key}/${app.view.connection.state}`;
        if (asked === this.#askedOlder) return;
        this.#askedOlder = asked;
        this.askingOlder = app.connected;
        app.tell({ kind: 'load_older' });
    }

    newer(open: Opened): void {
        const asked = `${open.messages.at(-1)?.key}/${app.view.connection.state}`;
        if (asked === this.#askedNewer) return;
        this.#askedNewer = asked;
        app.tell({ kind: 'load_newer' });
    }
}
