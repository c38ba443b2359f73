import { tick, untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import {
    lastSeen,
    layoutOf,
    rangeOf,
    scrollTopOf,
    survive,
    totalOf,
    wantedAt,
    type Layout,
    type Range,
    type Wanted,
} from './viewport';

const guess = 44;
const reserve = 600;

/** Owns the scroll position of one timeline and decides which rows are drawn. */
export class Scroller {
    /** Rows that are drawn. */
    range = $state.raw<Range>({ from: 0, to: 0 });
    layout = $state.raw<Layout>(layoutOf([], new Map(), guess));
    /** The newest message is in view and stays so. */
    atEdge = $state(true);
    /** Pixels between the viewport and the ends of what is held. */
    room = $state.raw({ above: Number.MAX_SAFE_INTEGER, below: 0 });
    /** The last row that counts as seen. */
    seen = $state(-1);

    #wanted: Wanted = { at: 'edge' };
    #heights = new Map<string, number>();
    #viewport: HTMLElement | null = null;
    #rows: HTMLElement | null = null;
    #expected = 0;
    #live = true;
    #placing = false;
    readonly #resized = new ResizeObserver(() => void this.place());

    readonly total = $derived(totalOf(this.layout));

    attach(viewport: HTMLElement, rows: HTMLElement): () => void {
        this.#viewport = viewport;
        this.#rows = rows;
        this.#resized.observe(viewport);
        return () => this.#resized.disconnect();
    }

    /** Follows the height of a row that is drawn. */
    readonly follow: Attachment<HTMLElement> = (row) => {
        this.#resized.observe(row);
        return () => this.#resized.unobserve(row);
    };

    /** Other rows: the wanted place stays where it is on screen. `live`: nothing newer is missing. */
    setRows(keys: readonly string[], live: boolean): void {
        untrack(() => {
            const before = this.layout;
            this.layout = layoutOf(keys, this.#heights, guess);
            this.#wanted = survive(this.#wanted, before, this.layout);
            this.#live = live;
            void this.place();
        });
    }

    want(wanted: Wanted): void {
        this.#wanted = wanted;
        void this.place();
    }

    /** Brings a row into view, for the keyboard. */
    reveal(key: string): void {
        const [viewport, index] = [this.#viewport, this.layout.indexOf.get(key)];
        if (!viewport || index === undefined) return;
        const upper = this.#lead() + (this.layout.edges[index] ?? 0) - viewport.scrollTop;
        const lower = this.#lead() + (this.layout.edges[index + 1] ?? 0) - viewport.scrollTop;
        if (upper >= 0 && lower <= viewport.clientHeight) return;
        const below = upper < 0 ? lower - upper + 8 : viewport.clientHeight - 8;
        this.want({ at: 'row', key, below });
    }

    /** A scroll that is not our own is the person's: it becomes the wanted place. */
    scrolled(): void {
        const viewport = this.#viewport;
        if (!viewport || this.#placing || Math.abs(viewport.scrollTop - this.#expected) <= 1) return;
        this.#expected = viewport.scrollTop;
        const max = viewport.scrollHeight - viewport.clientHeight;
        this.#wanted = wantedAt(this.layout, this.#lead(), viewport.scrollTop, max, this.#live);
        this.#look();
        void this.place();
    }

    /** Measures what is drawn and puts the wanted place where it belongs, until nothing moves any more. */
    async place(): Promise<void> {
        if (this.#placing) return;
        this.#placing = true;
        for (let round = 0; round < 8; round += 1) {
            await tick();
            const measured = this.#measure();
            this.#scroll();
            if (!this.#look() && !measured) break;
        }
        await tick();
        this.#scroll();
        this.#placing = false;
        this.#settle();
    }

    #lead(): number {
        return this.#rows?.offsetTop ?? 0;
    }

    #measure(): boolean {
        let changed = false;
        for (const element of this.#rows?.children ?? []) {
            const key = element instanceof HTMLElement ? element.dataset.row : undefined;
            if (key === undefined) continue;
            const height = element.getBoundingClientRect().height;
            if (Math.abs((this.#heights.get(key) ?? -1) - height) < 0.5) continue;
            this.#heights.set(key, height);
            changed = true;
        }
        if (changed) this.layout = layoutOf(this.layout.keys, this.#heights, guess);
        return changed;
    }

    #scroll(): void {
        const viewport = this.#viewport;
        if (!viewport) return;
        const max = Math.max(0, viewport.scrollHeight - viewport.clientHeight);
        const top = Math.min(max, scrollTopOf(this.#wanted, this.layout, this.#lead()));
        if (Math.abs(viewport.scrollTop - top) > 0.5) viewport.scrollTop = top;
        this.#expected = viewport.scrollTop;
    }

    /** Draws what the viewport shows; true when that changed. */
    #look(): boolean {
        const viewport = this.#viewport;
        if (!viewport) return false;
        const top = viewport.scrollTop - this.#lead();
        const range = rangeOf(this.layout, top, viewport.clientHeight, reserve);
        const changed = range.from !== this.range.from || range.to !== this.range.to;
        if (changed) this.range = range;
        return changed;
    }

    #settle(): void {
        const viewport = this.#viewport;
        if (!viewport) return;
        const below = viewport.scrollHeight - viewport.clientHeight - viewport.scrollTop;
        this.room = { above: viewport.scrollTop, below };
        if (this.#wanted.at === 'fresh' && below <= 2 && this.#live) this.#wanted = { at: 'edge' };
        this.atEdge = this.#wanted.at === 'edge' && this.#live;
        const bottom = viewport.scrollTop + viewport.clientHeight - this.#lead();
        this.seen = this.layout.keys.length === 0 ? -1 : lastSeen(this.layout, bottom);
    }
}
