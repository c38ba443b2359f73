import type { MediaView, MessageRow } from '$lib/backend';

/** A picture of the open conversation, where it stands. */
export interface Shown {
    message: MessageRow;
    media: MediaView;
}

/** Longest picture that is shown whole, in bytes; of a longer one only its small form is. */
export const wholeBytes = 32 * 1024 * 1024;

const widest = 400;
const highest = 420;
const smallest = 32;

/** All files of these messages that `wanted` is true for, in their order. */
export function filesOf(messages: readonly MessageRow[], wanted: (media: MediaView) => boolean): Shown[] {
    return messages.flatMap((message) => message.media.filter(wanted).map((media) => ({ message, media })));
}

export const isPhoto = (media: MediaView): boolean => media.kind === 'photo';

/** The room that a picture gets before it is there: as wide as it is within the bounds, never a hair. */
export function roomOf(media: Pick<MediaView, 'width' | 'height'>): { width: number; ratio: number } {
    const [width, height] = [media.width ?? widest, media.height ?? widest];
    const ratio = Math.min(Math.max(width / height, smallest / highest), widest / smallest);
    return { width: Math.max(smallest, Math.round(Math.min(width, widest, highest * ratio))), ratio };
}

/** What the page asks the shell for. Null until there is anything to ask for. */
export function addressOf(
    conversation: string | null,
    { message, media }: Shown,
    size: 'small' | 'whole',
): string | null {
    if (media.staged !== null) return `staged.${media.staged}`;
    if (conversation === null || message.sid === null) return null;
    const form = media.size > wholeBytes ? 'small' : size;
    return `${conversation}.${message.sid}.${media.sid}.${form}`;
}
