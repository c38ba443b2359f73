/** What is longer is no ending. */
const longest = 8;

/** A name in two parts: the first may be cut off at its end, the second says what the file is. */
export function splitName(name: string): [head: string, tail: string] {
    const dot = name.lastIndexOf('.');
    const hasEnding = dot > 0 && name.length - dot <= longest;
    return hasEnding ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
}
