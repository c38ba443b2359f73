import { backend } from '$lib/backend';
import type { Shown } from '$lib/files/pictures';
import { app } from '$lib/store/app.svelte';

/** Saves a file of the open conversation among the person's downloads. */
export function save(shown: Shown): void {
    begin(shown, false);
}

/** The same where the person says in a dialog of the desktop. */
export function saveAs(shown: Shown): void {
    begin(shown, true);
}

function begin({ message, media }: Shown, ask: boolean): void {
    const conversation = app.openRow?.sid ?? null;
    if (conversation === null || message.sid === null) return;
    const { sid, name, size } = media;
    const input = { conversation, message: message.sid, media: sid, name, size, ask };
    void app.ask(() => backend.saveMedia(input));
}

/** Types that open in a program that shows them, and runs nothing. */
const shown = /^(image|video|audio)\/|^application\/pdf$/;

/** What was saved is opened where that is harmless, else it is shown where it lies. */
export function opens(media: { sniffed_type: string | null }): boolean {
    return shown.test(media.sniffed_type ?? '');
}
