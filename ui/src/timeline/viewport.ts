/**
 * Where the timeline stands. There is one owner of the scroll position: a wanted place, from which pixels are
 * computed after every change. Pixels become a wanted place only when the person scrolls.
 */

export type Wanted =
    /** The newest message, and every one that follows it. */
    | { at: 'edge' }
    /** The "new messages" line near the top; as opened. */
    | { at: 'fresh'; key: string }
    /**
     * A row, by the distance of its lower edge from the top of the viewport. The lower one, because what can
     * come and go with its neighbours (day, name) stands above the text.
     */
    | { at: 'row'; key: string; below: number };

/** Rows and their places, from heights that were measured or are guessed. */
export interface Layout {
    keys: readonly string[];
    /** Upper edges, and the lower edge of the last: one more than rows. */
    edges: readonly number[];
    indexOf: ReadonlyMap<string, number>;
}

export function layoutOf(
    keys: readonly string[],
    heights: ReadonlyMap<string, number>,
    guess: number,
): Layout {
    const edges = [0];
    const indexOf = new Map<string, number>();
    let edge = 0;
    keys.forEach((key, index) => {
        edge += heights.get(key) ?? guess;
        edges.push(edge);
        indexOf.set(key, index);
    });
    return { keys, edges, indexOf };
}

export const totalOf = (layout: Layout): number => layout.edges.at(-1) ?? 0;

/** The row that covers `y`; the first or last one beyond the ends. */
export function rowAt(layout: Layout, y: number): number {
    let [low, high] = [0, Math.max(0, layout.keys.length - 1)];
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((layout.edges[middle] ?? 0) <= y) low = middle;
        else high = middle - 1;
    }
    return low;
}

export interface Range {
    from: number;
    to: number;
}

/** Rows to draw for a viewport, with some in reserve on both sides. */
export function rangeOf(layout: Layout, top: number, height: number, reserve: number): Range {
    if (layout.keys.length === 0) return { from: 0, to: 0 };
    return { from: rowAt(layout, top - reserve), to: rowAt(layout, top + height + reserve) + 1 };
}

/** Space above the line of new messages, for the eye to see that something stands there. */
const lineRoom = 72;

/** The scroll position that shows what is wanted; the browser clamps it to the ends. */
export function scrollTopOf(wanted: Wanted, layout: Layout, lead: number): number {
    if (wanted.at === 'edge') return Number.MAX_SAFE_INTEGER;
    const index = layout.indexOf.get(wanted.key);
    if (index === undefined) return Number.MAX_SAFE_INTEGER;
    if (wanted.at === 'fresh') return Math.max(0, lead + (layout.edges[index] ?? 0) - lineRoom);
    return Math.max(0, lead + (layout.edges[index + 1] ?? 0) - wanted.below);
}

/** The wanted place that a scroll by the person stands for. */
export function wantedAt(
    layout: Layout,
    lead: number,
    scrollTop: number,
    scrollMax: number,
    live: boolean,
): Wanted {
    const key = layout.keys[rowAt(layout, scrollTop - lead)];
    if (key === undefined || (live && scrollMax - scrollTop <= 2)) return { at: 'edge' };
    const lower = layout.edges[(layout.indexOf.get(key) ?? 0) + 1] ?? 0;
    return { at: 'row', key, below: lead + lower - scrollTop };
}

/** Holds on to the nearest row that is still there when the wanted one is gone. */
export function survive(wanted: Wanted, before: Layout, after: Layout): Wanted {
    if (wanted.at === 'edge' || after.indexOf.has(wanted.key)) return wanted;
    const gone = before.indexOf.get(wanted.key);
    if (gone === undefined || wanted.at === 'fresh') return { at: 'edge' };
    const lower = before.edges[gone + 1] ?? 0;
    for (let distance = 1; distance < before.keys.length; distance += 1) {
        for (const index of [gone + distance, gone - distance]) {
            const key = before.keys[index];
            if (key === undefined || !after.indexOf.has(key)) continue;
            return { at: 'row', key, below: wanted.below + (before.edges[index + 1] ?? 0) - lower };
        }
    }
    return { at: 'edge' };
}

/** The last row of which enough is above the lower end of the viewport to count as seen. */
export function lastSeen(layout: Layout, bottom: number): number {
    const index = rowAt(layout, bottom);
    const [upper, lower] = [layout.edges[index] ?? 0, layout.edges[index + 1] ?? 0];
    return bottom >= Math.min(lower - 4, upper + 160) ? index : index - 1;
}
