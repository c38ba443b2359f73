import { describe, expect, it } from 'vitest';
import { itemsOf, newSince, seenMarks } from '../src/timeline/items';
import { messageRow, participantRow } from './rows';

const minute = 60_000;
const noon = Date.UTC(2026, 10, 20, 12);

const at = (index: number, minutes: number, author = 'ada') =>
    messageRow(`m${index}`, { index, author, at: noon + minutes * minute });

const firsts = (rows: ReturnType<typeof at>[], newAfter: number | null = null) =>
    itemsOf(rows, newAfter, 'UTC').map((item) => item.first);

describe('groups', () => {
    it('hold what one author wrote within five minutes of the first', () => {
        expect(firsts([at(0, 0), at(1, 3), at(2, 5), at(3, 6)])).toEqual([true, false, false, true]);
    });

    it('end with another author, a new day and the line of new messages', () => {
        expect(firsts([at(0, 0), at(1, 1, 'ben'), at(2, 2)])).toEqual([true, true, true]);
        expect(firsts([at(0, 719), at(1, 721)])).toEqual([true, true]);
        expect(firsts([at(0, 0), at(1, 1), at(2, 2)], 0)).toEqual([true, true, false]);
    });

    it('survive a clock that runs a little behind', () => {
        expect(firsts([at(0, 2), at(1, 0)])).toEqual([true, false]);
    });
});

describe('day dividers', () => {
    const days = (zone: string, ...times: number[]) =>
        itemsOf(
            times.map((time, index) => messageRow(`m${index}`, { index, at: time })),
            null,
            zone,
        ).map((item) => item.newDay);

    it('stand at the local midnight of the reader', () => {
        const [before, after] = [Date.UTC(2026, 10, 20, 2, 59), Date.UTC(2026, 10, 20, 3, 1)];
        expect(days('America/Sao_Paulo', before, after)).toEqual([true, true]);
        expect(days('UTC', before, after)).toEqual([true, false]);
    });

    it('are not repeated for a clock that went back over midnight', () => {
        const midnight = Date.UTC(2026, 10, 20);
        expect(days('UTC', midnight + 1, midnight - 1, midnight + 2)).toEqual([true, false, false]);
    });
});

describe('the line of new messages', () => {
    it('stands above the first message after the index, once', () => {
        const rows = [at(4, 0), at(6, 1), at(7, 2), messageRow('echo', { index: null, at: noon })];
        const fresh = (after: number | null) => itemsOf(rows, after, 'UTC').map((item) => item.fresh);
        expect(fresh(5)).toEqual([false, true, false, false]);
        expect(fresh(7)).toEqual([false, false, false, false]);
        expect(fresh(null)).toEqual([false, false, false, false]);
    });

    it('counts what others wrote since', () => {
        const rows = [at(0, 0), at(1, 1), messageRow('mine', { index: 2, own: true }), at(3, 2)];
        expect(newSince(rows, 0)).toBe(2);
        expect(newSince(rows, 3)).toBe(0);
    });
});

describe('seen marks', () => {
    const rows = [at(0, 0), at(4, 1), at(9, 2), messageRow('echo', { index: null })];
    const marks = (horizon: number | null, own = false) => [
        ...seenMarks(rows, [participantRow('ben', { last_read_index: horizon, own })]).keys(),
    ];

    it('stand at the last message that the horizon covers, also where indexes have gaps', () => {
        expect(marks(9)).toEqual(['m9']);
        expect(marks(6)).toEqual(['m4']);
        expect(marks(100)).toEqual(['m9']);
    });

    it('are not drawn for oneself, for nobody who never read, and for what is not held', () => {
        expect(marks(9, true)).toEqual([]);
        expect(marks(null)).toEqual([]);
        expect(seenMarks(rows.slice(1), [participantRow('ben', { last_read_index: 0 })]).size).toBe(0);
    });
});
