import type { ConversationRow, PersonView } from '$lib/backend';
import { match } from '$lib/store/match';
import { nameOf } from '$lib/store/naming';

/** Where the switcher leads. */
export type Jump =
    | { to: 'conversation'; key: string; row: ConversationRow }
    | { to: 'person'; key: string; person: PersonView }
    | { to: 'new' | 'directory'; key: string };

const conversations = 8;
const people = 4;

/** What fits to the text: conversations, people with whom there is none of two yet, and ways to others. */
export function jumps(
    rows: readonly ConversationRow[],
    known: Iterable<PersonView>,
    me: string | undefined,
    text: string,
): Jump[] {
    const typed = text.trim() !== '';
    const had = new Set([me, ...rows.map((row) => row.peer)]);
    const others = typed ? [...known].filter((person) => !had.has(person.identity)) : [];
    const found = match(others, text, (person) => `${person.name} ${person.identity}`);
    return [
        ...match(rows, text, nameOf)
            .slice(0, conversations)
            .map((row) => ({ to: 'conversation' as const, key: row.key, row })),
        ...found.slice(0, people).map((person) => ({ to: 'person' as const, key: person.identity, person })),
        ...(typed ? [{ to: 'new' as const, key: 'new' }] : []),
        { to: 'directory', key: 'directory' },
    ];
}
