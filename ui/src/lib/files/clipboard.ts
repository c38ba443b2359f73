/**
 * Whether what is pasted as text may stand for files: nothing, because a picture has no text, or nothing but paths. The web
 * view of Linux gives the page no more than that.
 */
export function mayBeFiles(text: string): boolean {
    const lines = text.split(/\r?\n/).filter((line) => line !== '');
    return lines.every((line) => /^(file:\/\/|\/)/.test(line));
}
