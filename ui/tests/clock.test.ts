import { describe, expect, it, vi } from 'vitest';

const page = { hidden: false, addEventListener: vi.fn(), removeEventListener: vi.fn() };
vi.stubGlobal('document', page);
vi.stubGlobal('window', { addEventListener: vi.fn(), removeEventListener: vi.fn() });
const { clock } = await import('../src/lib/time/clock.svelte');

describe('the clock', () => {
    it('tells no other time when it starts, then with every minute', () => {
        vi.useFakeTimers({ now: Date.UTC(2026, 10, 20, 12, 0, 30) });
        const before = clock.now;
        const stop = clock.start();
        // Hundreds of labels were drawn in the moment in which it starts: none of them is to be drawn again.
        expect(clock.now).toBe(before);
        vi.advanceTimersByTime(30_000);
        expect(clock.now).toBe(Date.UTC(2026, 10, 20, 12, 1));
        vi.advanceTimersByTime(60_000);
        expect(clock.now).toBe(Date.UTC(2026, 10, 20, 12, 2));
        stop();
        vi.advanceTimersByTime(600_000);
        expect(clock.now).toBe(Date.UTC(2026, 10, 20, 12, 2));
        vi.useRealTimers();
    });
});
