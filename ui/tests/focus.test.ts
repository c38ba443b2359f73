import { describe, expect, it, vi } from 'vitest';
import { regainFocus } from '../src/lib/keys/focus';

describe('the keyboard', () => {
    const body = {};
    const place = { focus: vi.fn() };
    const page = { body, activeElement: body as unknown, querySelector: vi.fn(() => place) };
    vi.stubGlobal('document', page);

    it('gets a place when what it stood on is gone, and is never taken from one', async () => {
        await regainFocus('.jump');
        expect(page.querySelector).toHaveBeenCalledWith('.jump');
        expect(place.focus).toHaveBeenCalledTimes(1);
        page.activeElement = {};
        await regainFocus('.jump');
        expect(place.focus).toHaveBeenCalledTimes(1);
        page.activeElement = null;
        await regainFocus('.jump');
        expect(place.focus).toHaveBeenCalledTimes(2);
    });
});
