import { describe, expect, it } from 'vitest';
import { activityLabel, dayKey, dayLabel, daysBetween, shortTime } from '../src/lib/time/zone';

const words = { today: 'Today', yesterday: 'Yesterday' };
const label = (at: number, now: number, zone: string) => dayLabel(at, now, zone, 'en-GB', words);

describe('the local day', () => {
    const instant = Date.UTC(2026, 10, 20, 1, 0);

    it('is that of the zone', () => {
        expect(dayKey(instant, 'America/Sao_Paulo')).toBe('2026-11-19');
        expect(dayKey(instant, 'UTC')).toBe('2026-11-20');
        expect(dayKey(Date.UTC(2026, 10, 19, 18, 30), 'Asia/Kolkata')).toBe('2026-11-20');
        expect(dayKey(Date.UTC(2026, 10, 19, 18, 29), 'Asia/Kolkata')).toBe('2026-11-19');
        expect(dayKey(Date.UTC(2026, 10, 19, 11, 0), 'Pacific/Tongatapu')).toBe('2026-11-20');
    });

    it('has 23 and 25 hours when the clocks change', () => {
        const zone = 'Europe/Berlin';
        // 2026-03-29 ends 23 hours after it began, 2026-10-25 after 25.
        expect(dayKey(Date.UTC(2026, 2, 28, 23, 0), zone)).toBe('2026-03-29');
        expect(dayKey(Date.UTC(2026, 2, 29, 21, 59), zone)).toBe('2026-03-29');
        expect(dayKey(Date.UTC(2026, 2, 29, 22, 0), zone)).toBe('2026-03-30');
        expect(dayKey(Date.UTC(2026, 9, 24, 22, 0), zone)).toBe('2026-10-25');
        expect(dayKey(Date.UTC(2026, 9, 25, 22, 59), zone)).toBe('2026-10-25');
        expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    });
});

describe('labels', () => {
    it('say today and yesterday by the calendar, not by hours', () => {
        const now = Date.UTC(2026, 10, 20, 0, 30);
        expect(label(now - 40 * 60_000, now, 'UTC')).toBe('Yesterday');
        expect(label(now - 40 * 60_000, now, 'Pacific/Tongatapu')).toBe('Today');
        expect(label(now - 40 * 60_000, now, 'America/Sao_Paulo')).toBe('Today');
    });

    it('say yesterday across the change of the clocks', () => {
        const now = Date.UTC(2026, 2, 29, 22, 30);
        expect(label(Date.UTC(2026, 2, 28, 23, 30), now, 'Europe/Berlin')).toBe('Yesterday');
    });

    it('fit the gutter without the half of the day', () => {
        const evening = Date.UTC(2026, 10, 20, 20, 5);
        expect(shortTime(evening, 'UTC', 'en-US')).toBe('8:05');
        expect(shortTime(evening, 'UTC', 'en-GB')).toBe('20:05');
    });

    it('name the year only when it is another', () => {
        const now = Date.UTC(2026, 10, 20, 12);
        expect(label(Date.UTC(2026, 10, 18, 12), now, 'UTC')).not.toContain('2026');
        expect(label(Date.UTC(2025, 10, 18, 12), now, 'UTC')).toContain('2025');
    });

    it('shorten with age in the list', () => {
        const now = Date.UTC(2026, 10, 20, 12);
        const activity = (days: number) => activityLabel(now - days * 86_400_000, now, 'UTC', 'en-GB', words);
        expect(activity(0)).toBe('12:00');
        expect(activity(1)).toBe('Yesterday');
        expect(activity(3)).toBe('Tue');
        expect(activity(7)).toBe('13 Nov');
        expect(activity(400)).toBe('16 Oct 2025');
    });
});
