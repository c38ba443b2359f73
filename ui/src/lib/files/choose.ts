import { backend, type OfferedFile } from '$lib/backend';
import type { ChosenFile } from '$lib/store/attachments.svelte';

/** A file that the page was given. */
export function ofPage(file: File): ChosenFile {
    const type = file.type || 'application/octet-stream';
    return { name: file.name, type, size: file.size, bring: (signal) => backend.stageFile(file, signal) };
}

/** A file that the desktop offers: it does not pass through the page. */
export function ofDesktop(file: OfferedFile): ChosenFile {
    const { name, content_type: type, size, number } = file;
    return { name, type, size, bring: () => backend.stageOffered(number) };
}
