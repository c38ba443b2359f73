/** Letters before the ending that stay with it. */
const kept = 4;
/** What is longer is no ending. */
const longest = 8;

/** A name in two parts: the first may be cut off at its end, the second says what the file is. */
export function splitName(name: string): [head: string, tail: string] {
    const letters = [...name];
    const dot = letters.lastIndexOf('.');
    const hasEnding = dot > 0 && letters.length - dot <= longest;
    const at = Math.max(1, (hasEnding ? dot : letters.length) - kept);
    return [letters.slice(0, at).join(''), letters.slice(at).join('')];
}
