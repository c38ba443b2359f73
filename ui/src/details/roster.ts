import type { ParticipantRow } from '$lib/backend';
import { locale } from '$lib/i18n/fluent';
import { match } from '$lib/store/match';

/** One line of the list of people: the heading of a part, or somebody. */
export type RosterLine =
    | { kind: 'heading'; key: string; part: 'online' | 'offline'; count: number }
    | { kind: 'person'; key: string; person: ParticipantRow };

const collator = new Intl.Collator(locale);

/** Those whose name or identity has every word of `text`: who is here first, oneself at the top, each part by name. */
export function linesOf(
    roster: readonly ParticipantRow[],
    text: string,
    isHere: (person: ParticipantRow) => boolean,
): RosterLine[] {
    const found = match(roster, text, (person) => `${person.name} ${person.identity}`);
    found.sort((a, b) => Number(b.own) - Number(a.own) || collator.compare(a.name, b.name));
    const lines: RosterLine[] = [];
    for (const part of ['online', 'offline'] as const) {
        const people = found.filter((person) => isHere(person) === (part === 'online'));
        if (people.length === 0) continue;
        lines.push({ kind: 'heading', key: part, part, count: people.length });
        for (const person of people) lines.push({ kind: 'person', key: person.sid, person });
    }
    return lines;
}

/** Height of one person, in pixels, at a size of the text. */
export function personHeight(scale: number): number {
    return Math.round(Math.max(44, 12 + 34 * scale));
}

const headingHeight = (scale: number): number => Math.round(16 + 16 * scale);

/** So many pixels above and below what is in sight are drawn too. */
const overscan = 600;

/** The lines that have to be drawn, and the room that all of them take. */
export function windowOf(
    lines: readonly RosterLine[],
    view: { top: number; height: number },
    scale: number,
): { lines: RosterLine[]; above: number; total: number } {
    const heights = { person: personHeight(scale), heading: headingHeight(scale) };
    const drawn: RosterLine[] = [];
    let [above, at] = [0, 0];
    for (const line of lines) {
        const height = heights[line.kind];
        if (at + height < view.top - overscan) above += height;
        else if (at <= view.top + view.height + overscan) drawn.push(line);
        at += height;
    }
    return { lines: drawn, above, total: at };
}
