import { describe, expect, it, vi } from 'vitest';
import { tick } from 'svelte';
import { regainFocus, returnFocus } from '../src/lib/keys/focus';

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

describe('what opens over the window', () => {
    class Sheet {
        readonly focus = vi.fn();
        readonly contains = () => false;
        constructor(readonly isConnected = true) {}
    }
    const element = (connected = true) => new Sheet(connected);
    vi.stubGlobal('HTMLElement', Sheet);

    function setUp(connected = true) {
        const [opener, sheet] = [element(connected), element()];
        const page = { body: {}, activeElement: opener as unknown, composer: element() };
        vi.stubGlobal('document', { ...page, querySelector: () => page.composer });
        const back = returnFocus(sheet as unknown as HTMLElement);
        const goes = async (active: unknown) => {
            vi.stubGlobal('document', { ...page, activeElement: active, querySelector: () => page.composer });
            back();
            await tick();
            await Promise.resolve();
        };
        return { opener, page, goes };
    }

    it('gives the keyboard back when it goes', async () => {
        const { opener, page, goes } = setUp();
        await goes(page.body);
        expect(opener.focus).toHaveBeenCalledTimes(1);
    });

    it('takes it from no place that has it by then, and gives it to none that is gone', async () => {
        const taken = setUp();
        await taken.goes(element());
        expect(taken.opener.focus).not.toHaveBeenCalled();
        const lost = setUp(false);
        await lost.goes(lost.page.body);
        expect(lost.opener.focus).not.toHaveBeenCalled();
    });

    it('lets one write at once in a conversation that was opened meanwhile', async () => {
        const { opener, page, goes } = setUp();
        page.composer = element();
        await goes(page.body);
        expect(page.composer.focus).toHaveBeenCalledTimes(1);
        expect(opener.focus).not.toHaveBeenCalled();
    });
});
