/** Rows whose name has every word of `text`; names that begin with it first, else the order they had. */
export function match<Row>(rows: readonly Row[], text: string, nameOf: (row: Row) => string): Row[] {
    const words = fold(text).split(/\s+/u).filter(Boolean);
    if (words.length === 0) return [...rows];
    const whole = words.join(' ');
    const hits = rows
        .map((row) => ({ row, name: fold(nameOf(row)) }))
        .filter(({ name }) => words.every((word) => name.includes(word)));
    const begins = hits.filter(({ name }) => name.startsWith(whole));
    return [...begins, ...hits.filter((hit) => !begins.includes(hit))].map(({ row }) => row);
}

/** Without case and accents. */
function fold(text: string): string {
    return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
