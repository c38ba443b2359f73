import { app } from './app.svelte';

/** Puts text on the clipboard; false, with a notice, when the system does not allow it. */
export async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        if (copyBySelection(text)) return true;
        app.refuse({ code: 'copy_failed', params: {} });
        return false;
    }
}

/** The old way, for web views that keep the clipboard closed. */
function copyBySelection(text: string): boolean {
    const field = document.createElement('textarea');
    const before = document.activeElement;
    field.value = text;
    field.className = 'sr';
    (document.querySelector('dialog[open]') ?? document.body).append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
}
