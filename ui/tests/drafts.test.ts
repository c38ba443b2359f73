import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Drafts } from '../src/lib/store/drafts.svelte';
import { conversationRow } from './rows';

const keep = vi.fn();
let drafts: Drafts;

beforeEach(() => {
    vi.useFakeTimers();
    keep.mockClear();
    drafts = new Drafts(keep);
});
afterEach(() => vi.useRealTimers());

describe('drafts', () => {
    it('belong to one conversation', () => {
        drafts.write('a', 'for a');
        expect(drafts.text(conversationRow('a'))).toBe('for a');
        expect(drafts.text(conversationRow('b', { draft: 'for b' }))).toBe('for b');
    });

    it('are kept once the typing rests, and at once on leaving', () => {
        drafts.write('a', 'h');
        drafts.write('a', 'hi');
        vi.advanceTimersByTime(299);
        expect(keep).not.toHaveBeenCalled();
        vi.advanceTimersByTime(1);
        expect(keep.mock.calls).toEqual([['a', 'hi']]);
        drafts.write('a', 'hi!');
        drafts.flush('a');
        drafts.flush('a');
        vi.runAllTimers();
        expect(keep.mock.calls.slice(1)).toEqual([['a', 'hi!']]);
    });

    it('that can never be sent are thrown away for good, when somebody says so', () => {
        const row = conversationRow('a', { draft: 'half' });
        drafts.write('a', 'half a');
        drafts.discard('a');
        expect(drafts.text(row)).toBe('');
        vi.runAllTimers();
        expect(keep.mock.calls).toEqual([['a', '']]);
    });

    it('never lose a letter to an answer that comes late', () => {
        drafts.write('a', 'hello');
        vi.runAllTimers();
        drafts.write('a', 'hello w');
        const late = conversationRow('a', { draft: 'hello' });
        drafts.forget([late], 'a');
        expect(drafts.text(late)).toBe('hello w');
        drafts.forget([late], null);
        expect(drafts.text(late)).toBe('hello w');
    });

    it('follow the core again once it has kept them and one is elsewhere', () => {
        drafts.write('a', 'hello');
        drafts.flush('a');
        drafts.forget([conversationRow('a', { draft: 'hello' })], 'b');
        expect(drafts.text(conversationRow('a', { draft: 'from another device' }))).toBe(
            'from another device',
        );
    });

    it('take up what another device wrote once the typing rests, also where one is', () => {
        drafts.write('a', 'hello');
        drafts.flush('a');
        drafts.forget([conversationRow('a', { draft: 'hello' })], 'a');
        const elsewhere = conversationRow('a', { draft: 'from another device' });
        vi.advanceTimersByTime(1999);
        expect(drafts.text(elsewhere)).toBe('hello');
        vi.advanceTimersByTime(1);
        expect(drafts.text(elsewhere)).toBe('from another device');
    });

    it('wait for the core however long the typing rests', () => {
        drafts.write('a', 'hello');
        vi.advanceTimersByTime(10_000);
        drafts.forget([conversationRow('a', { draft: 'older' })], 'a');
        expect(drafts.text(conversationRow('a', { draft: 'older' }))).toBe('hello');
        drafts.forget([conversationRow('a', { draft: 'hello' })], 'a');
        expect(drafts.text(conversationRow('a', { draft: 'newer' }))).toBe('newer');
    });

    it('are those of whoever types on, whatever came in while they rested', () => {
        drafts.write('a', 'hello');
        drafts.flush('a');
        drafts.forget([conversationRow('a', { draft: 'hello' })], 'a');
        vi.advanceTimersByTime(1500);
        drafts.write('a', 'hello w');
        vi.advanceTimersByTime(2500);
        expect(drafts.text(conversationRow('a', { draft: 'from another device' }))).toBe('hello w');
    });

    it('are empty after sending, whatever the core still says, and keep nothing afterwards', () => {
        drafts.write('a', 'hello');
        drafts.sent('a');
        vi.runAllTimers();
        expect(drafts.text(conversationRow('a', { draft: 'hello' }))).toBe('');
        expect(keep).not.toHaveBeenCalled();
    });
});
