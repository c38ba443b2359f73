import { tick } from 'svelte';

/** What had the keyboard is gone: it goes to the first of these places, once everything is drawn. */
export async function regainFocus(place: string): Promise<void> {
    await tick();
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost) document.querySelector<HTMLElement>(place)?.focus();
}

/**
 * What opens over the window gives the keyboard back when it goes: to where it was before, or to the place to write in a
 * conversation that was opened meanwhile.
 */
export function returnFocus(sheet: HTMLElement): () => void {
    const before = document.activeElement;
    const composer = () => document.querySelector<HTMLElement>('[data-testid="composer-input"]');
    const known = composer();
    return () => {
        // Only once everything is drawn: until then what lies under it takes no keyboard.
        void tick().then(() => {
            const now = document.activeElement;
            if (now !== null && now !== document.body && !sheet.contains(now)) return;
            const fresh = composer();
            const place = fresh === known ? before : fresh;
            if (place instanceof HTMLElement && place.isConnected) place.focus({ preventScroll: true });
        });
    };
}
