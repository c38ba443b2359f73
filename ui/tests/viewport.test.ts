import { describe, expect, it } from 'vitest';
import {
    lastSeen,
    layoutOf,
    rangeOf,
    rowAt,
    scrollTopOf,
    survive,
    totalOf,
    wantedAt,
    type Layout,
} from '../src/timeline/viewport';

const layout = (keys: string[], heights: Record<string, number> = {}): Layout =>
    layoutOf(keys, new Map(Object.entries(heights)), 50);

const abc = layout(['a', 'b', 'c'], { a: 100, b: 40 });

describe('the layout', () => {
    it('stacks measured and guessed heights', () => {
        expect(abc.edges).toEqual([0, 100, 140, 190]);
        expect(totalOf(abc)).toBe(190);
        expect(totalOf(layout([]))).toBe(0);
    });

    it('finds the row at a place, the ends beyond them', () => {
        expect([-5, 0, 99, 100, 139, 140, 999].map((y) => rowAt(abc, y))).toEqual([0, 0, 0, 1, 1, 2, 2]);
    });

    it('draws what the viewport shows and a reserve, never all of a long history', () => {
        const long = layout(Array.from({ length: 10_000 }, (_, index) => `m${index}`));
        expect(rangeOf(long, 5_000, 500, 100)).toEqual({ from: 98, to: 113 });
        expect(rangeOf(long, 0, 500, 100)).toEqual({ from: 0, to: 13 });
        expect(rangeOf(layout([]), 0, 500, 100)).toEqual({ from: 0, to: 0 });
    });
});

describe('the wanted place', () => {
    it('is the edge at the bottom of a live timeline, and a row anywhere else', () => {
        expect(wantedAt(abc, 10, 90, 91, true)).toEqual({ at: 'edge' });
        expect(wantedAt(abc, 10, 90, 91, false)).toEqual({ at: 'row', key: 'a', below: 20 });
        expect(wantedAt(abc, 10, 50, 91, true)).toEqual({ at: 'row', key: 'a', below: 60 });
    });

    it('gives back the pixels from which it was made', () => {
        for (const top of [0, 30, 60, 120]) {
            expect(scrollTopOf(wantedAt(abc, 10, top, 500, true), abc, 10)).toBe(top);
        }
    });

    it('keeps the row where it is when older ones come before it', () => {
        const wanted = wantedAt(abc, 0, 110, 500, true);
        const grown = layout(['x', 'y', 'a', 'b', 'c'], { x: 300, y: 7, a: 100, b: 40 });
        expect(scrollTopOf(wanted, grown, 0)).toBe(110 + 307);
    });

    it('keeps the text of the row where it is when its day divider goes', () => {
        const wanted = wantedAt(abc, 0, 30, 500, true);
        const bare = layout(['a', 'b', 'c'], { a: 80, b: 40 });
        // Its lower edge stood 70 below the top of the viewport, and does so again.
        expect(80 - scrollTopOf(wanted, bare, 0)).toBe(70);
    });

    it('leaves room above the line of new messages', () => {
        expect(scrollTopOf({ at: 'fresh', key: 'c' }, abc, 10)).toBe(10 + 140 - 72);
        expect(scrollTopOf({ at: 'fresh', key: 'a' }, abc, 10)).toBe(0);
    });

    it('holds on to the nearest row when its own is removed', () => {
        const wanted = { at: 'row', key: 'b', below: 50 } as const;
        const after = layout(['a', 'c'], { a: 100 });
        expect(survive(wanted, abc, after)).toEqual({ at: 'row', key: 'c', below: 100 });
        expect(survive(wanted, abc, layout(['z']))).toEqual({ at: 'edge' });
        expect(survive(wanted, abc, abc)).toBe(wanted);
    });
});

describe('what counts as seen', () => {
    it('is a row that is in view to its end, or a good part of a tall one', () => {
        expect(lastSeen(abc, 190)).toBe(2);
        expect(lastSeen(abc, 160)).toBe(1);
        expect(lastSeen(layout(['tall'], { tall: 2_000 }), 200)).toBe(0);
        expect(lastSeen(layout(['tall'], { tall: 2_000 }), 100)).toBe(-1);
    });
});
