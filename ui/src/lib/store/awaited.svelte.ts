import type { Problem, StuckView } from '$lib/backend';
import { app } from '$lib/store/app.svelte';
import { ui } from '$lib/store/window.svelte';

/**
 * Something that a form has asked for and waits for: a refusal is said in the form, not where refusals stand that
 * have no other place. Made while a component is set up.
 */
export class Awaited {
    /** Whether it is the one; null while nothing is waited for. */
    #is = $state.raw<((entry: StuckView) => boolean) | null>(null);

    constructor(onrefused: (problem: Problem) => void) {
        $effect(() => {
            const is = this.#is;
            const entry = is === null ? undefined : app.view.stuck.find(is);
            if (!entry) return;
            this.end();
            void app.dispatch({ kind: 'discard_stuck', entry: entry.key });
            onrefused(entry.problem);
        });
        $effect(() => () => this.end());
    }

    begin(is: (entry: StuckView) => boolean): void {
        this.#is = ui.claims = is;
    }

    end(): void {
        if (ui.claims === this.#is) ui.claims = null;
        this.#is = null;
    }
}
