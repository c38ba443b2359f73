/** A count of messages as a badge shows it: of very many nobody needs the number. */
export function badgeOf(count: number): string {
    return count > 999 ? '999+' : String(count);
}
