/** What some file managers put before the paths when they give them as text. */
const heading = /^(x-special\/nautilus-clipboard\n)?(copy|cut)\n/;

/**
 * Whether what is pasted as text may stand for files: nothing, because a picture has no text, or nothing but paths. The web
 * view of Linux gives the page no more than that.
 */
export function mayBeFiles(text: string): boolean {
    const plain = text.replaceAll('\r\n', '\n');
    const paths = plain.replace(heading, '');
    const lines = paths.split('\n').filter((line) => line !== '');
    return lines.every((line) => /^(file:\/\/|\/)/.test(line));
}
