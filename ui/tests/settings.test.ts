import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Settings } from '../src/lib/store/settings.svelte';

const keep = vi.fn();
const share = vi.fn();
let settings: Settings;

beforeEach(() => {
    keep.mockClear();
    share.mockClear();
    settings = new Settings(keep, share);
});

describe('settings', () => {
    it('follow the person, and are kept here for before they sign in', () => {
        settings.follow(
            new Map([
                ['appearance.theme', 'dark'],
                ['appearance.density', 'compact'],
                ['appearance.motion', 'less'],
            ]),
        );
        expect([settings.theme, settings.density, settings.lessMotion]).toEqual(['dark', 'compact', true]);
        expect(keep.mock.calls).toEqual([
            ['theme', 'dark'],
            ['density', 'compact'],
            ['motion', 'less'],
        ]);
        expect(share).not.toHaveBeenCalled();
    });

    it('are shared when they are a matter of the person, and only then', () => {
        settings.setTheme('light');
        settings.setTextSize('125');
        settings.setSidebarWidth(300, true);
        settings.setLessMotion(true);
        expect(share.mock.calls).toEqual([
            ['appearance.theme', 'light'],
            ['appearance.motion', 'less'],
        ]);
    });

    it('stay as they are where the person chose nothing, or what this version does not know', () => {
        settings.setTheme('dark');
        settings.follow(new Map<string, unknown>([['appearance.theme', 'sepia']]));
        settings.follow(new Map<string, unknown>([['appearance.theme', 7]]));
        settings.follow(new Map());
        expect(settings.theme).toBe('dark');
    });
});
