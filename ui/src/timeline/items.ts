import type { MessageRow, ParticipantRow } from '$lib/backend';
import { dayKey } from '$lib/time/zone';

/** A message and what stands above it. */
export interface TimelineItem {
    key: string;
    message: MessageRow;
    /** It opens a group: avatar, name and time are shown. */
    first: boolean;
    /** A new local day begins with it. */
    newDay: boolean;
    /** The "new messages" line stands above it. */
    fresh: boolean;
}

const groupSpan = 5 * 60_000;

/** Messages of one author within five minutes of the first make a group. Rows come ordered by index. */
export function itemsOf(
    messages: readonly MessageRow[],
    newAfter: number | null,
    zone: string,
): TimelineItem[] {
    let group: MessageRow | null = null;
    let lastDay = '';
    let drawn = newAfter === null;
    return messages.map((message) => {
        const day = dayKey(message.at, zone);
        // A clock that went back makes no second divider for a day that is past.
        const newDay = day > lastDay;
        const fresh = !drawn && message.index !== null && message.index > (newAfter ?? 0);
        const first = newDay || fresh || group === null || !belongs(message, group);
        if (first) group = message;
        if (newDay) lastDay = day;
        if (fresh) drawn = true;
        return { key: message.key, message, first, newDay, fresh };
    });
}

function belongs(message: MessageRow, group: MessageRow): boolean {
    return message.author === group.author && Math.abs(message.at - group.at) <= groupSpan;
}

/** Where each other person has read to: under the last held message that their horizon covers. */
export function seenMarks(
    messages: readonly MessageRow[],
    roster: readonly ParticipantRow[],
): Map<string, ParticipantRow[]> {
    const marks = new Map<string, ParticipantRow[]>();
    for (const person of roster) {
        if (person.own || person.last_read_index === null) continue;
        const key = lastCovered(messages, person.last_read_index);
        if (key === null) continue;
        marks.set(key, [...(marks.get(key) ?? []), person]);
    }
    return marks;
}

/** How far others have read, ascending; null while not all of them are known. */
export function othersHorizons(roster: readonly ParticipantRow[], complete: boolean): number[] | null {
    if (!complete) return null;
    const others = roster.filter((person) => !person.own);
    return others.map((person) => person.last_read_index ?? -1).sort((a, b) => a - b);
}

/** How many of those have read a message, and of how many. */
export function readBy(horizons: readonly number[], index: number): { by: number; of: number } {
    let [low, high] = [0, horizons.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((horizons[middle] ?? 0) < index) low = middle + 1;
        else high = middle;
    }
    return { by: horizons.length - low, of: horizons.length };
}

function lastCovered(messages: readonly MessageRow[], horizon: number): string | null {
    let [low, high] = [0, messages.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        const index = messages[middle]?.index ?? null;
        if (index !== null && index <= horizon) low = middle + 1;
        else high = middle;
    }
    return messages[low - 1]?.key ?? null;
}

/** How many messages by others stand after `index`. */
export function newSince(messages: readonly MessageRow[], index: number): number {
    let count = 0;
    for (let at = messages.length - 1; at >= 0; at -= 1) {
        const message = messages[at];
        if (!message || (message.index !== null && message.index <= index)) break;
        if (!message.own) count += 1;
    }
    return count;
}
