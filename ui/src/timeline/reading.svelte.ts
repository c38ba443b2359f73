import { app } from '$lib/store/app.svelte';
import { ui } from '$lib/store/window.svelte';

/** Moves the read horizon: forward only, and only over what was on screen in the focused window. */
export class Reading {
    #read = -1;

    saw(conversation: string, index: number | null): void {
        if (index === null || index <= this.#read || ui.unreadKept !== null) return;
        if (!ui.focused || !ui.visible || ui.settings !== null) return;
        this.#read = index;
        app.tell({ kind: 'read', conversation, index });
    }
}
