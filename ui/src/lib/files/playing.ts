import type { MediaView } from '$lib/backend';

/** Bytes that are asked for at once. */
const stretch = 1024 * 1024;

/** Longest film or sound that is gathered in the page before it plays, in bytes. */
export const gathered = 64 * 1024 * 1024;

export type PlayedKind = 'video' | 'audio';

/** What of a file is played; null for everything else. Its first bytes decide. */
export function playedKind(media: Pick<MediaView, 'sniffed_type'>): PlayedKind | null {
    const kind = media.sniffed_type?.split('/')[0];
    return kind === 'video' || kind === 'audio' ? kind : null;
}

/** Names by which a web view knows types that first bytes are called by other names of. */
const known: Record<string, string> = {
    'audio/m4a': 'audio/mp4',
    'audio/x-flac': 'audio/flac',
    'audio/x-wav': 'audio/wav',
};

function typeOf({ sniffed_type: type }: Pick<MediaView, 'sniffed_type'>): string {
    return known[type ?? ''] ?? type ?? '';
}

/**
 * Whether it can be played here, as far as that is known before it is tried. The web view of Linux plays only what the page
 * holds whole (`whole`), so that a long film is saved there, and not played.
 */
export function isPlayable(media: MediaView, whole: boolean): boolean {
    const kind = playedKind(media);
    if (kind === null || !media.ready || (whole && media.size > gathered)) return false;
    return document.createElement(kind).canPlayType(typeOf(media)) !== '';
}

/** What the page asks the shell for, in stretches. Null until there is anything to ask for. */
export function playAddress(
    conversation: string | null,
    message: string | null,
    media: string,
): string | null {
    return conversation === null || message === null ? null : `${conversation}.${message}.${media}.play`;
}

/** All of a film or a sound, from where the page finds it. `tell` hears how many bytes have come. */
export async function gather(
    url: string,
    media: Pick<MediaView, 'size' | 'sniffed_type'>,
    signal: AbortSignal,
    tell: (part: number) => void,
): Promise<Blob> {
    const pieces: ArrayBuffer[] = [];
    let from = 0;
    while (from < media.size) {
        const range = `bytes=${from}-${Math.min(from + stretch, media.size) - 1}`;
        const answer = await fetch(url, { headers: { range }, signal });
        if (!answer.ok) throw new Error(`${answer.status}`);
        const piece = await answer.arrayBuffer();
        if (piece.byteLength === 0) throw new Error('nothing came');
        pieces.push(piece);
        from += piece.byteLength;
        tell(from);
    }
    return new Blob(pieces, { type: typeOf(media) });
}
