import { tick } from 'svelte';

/** What had the keyboard is gone: it goes to the first of these places, once everything is drawn. */
export async function regainFocus(place: string): Promise<void> {
    await tick();
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost) document.querySelector<HTMLElement>(place)?.focus();
}
