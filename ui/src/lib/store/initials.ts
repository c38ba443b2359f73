const hues = ['sea', 'sky', 'iris', 'plum', 'rose', 'clay', 'ochre', 'moss'] as const;

export type Hue = (typeof hues)[number];

/** FNV-1a over UTF-8: the same identity has the same colour in every window, whatever its name becomes. */
export function hueOf(identity: string): Hue {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(identity.normalize('NFKC').toLowerCase())) {
        hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
    // Its low bits alone are not even over names that differ only in their end.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
    return hues[(hash >>> 13) % hues.length] ?? 'sea';
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function first(word: string): string {
    const [grapheme] = segmenter.segment(word);
    return grapheme?.segment.toLocaleUpperCase() ?? '';
}

/** First letters of the first and the last word; signs and punctuation at their beginning do not count. */
export function initialsOf(name: string, length: 1 | 2 = 2): string {
    const words = name
        .split(/\s+/u)
        .map((word) => word.replace(/^[\p{P}\p{S}]+(?=\p{L}|\p{N})/u, ''))
        .filter((word) => word !== '');
    const [head, last] = [words[0], words.at(-1)];
    if (head === undefined || last === undefined) return '?';
    return length === 1 || words.length === 1 ? first(head) : first(head) + first(last);
}
