import { backend, type OfferedFile } from '$lib/backend';
import { mayBeFiles } from '$lib/files/clipboard';
import { app } from '$lib/store/app.svelte';

interface Pasted {
    files: (files: File[]) => void;
    offered: (files: OfferedFile[]) => void;
}

/** Files and pictures of the clipboard. What is just words is left to the field. */
export function paste(event: ClipboardEvent, pasted: Pasted): void {
    const data = event.clipboardData;
    const files = [...(data?.files ?? [])];
    const text = data?.getData('text/plain') ?? '';
    if (files.length > 0) {
        event.preventDefault();
        pasted.files(files);
    } else if (app.platform === 'linux' && mayBeFiles(text)) {
        event.preventDefault();
        void ask(text, pasted);
    }
}

async function ask(text: string, pasted: Pasted): Promise<void> {
    const offered = await app.ask(() => backend.pasteFiles());
    if (offered !== null && offered.length > 0) pasted.offered(offered);
    // Paths of no file: words after all. Only so do they stand in the field's own history of changes.
    else if (text !== '') document.execCommand('insertText', false, text);
}
