import { describe, expect, it, vi } from 'vitest';
import type { PersonView } from '../src/lib/backend/generated';
import { previewOf } from '../src/conversations/preview';
import { stillAsked } from '../src/dialogs/about';
import { jumps } from '../src/dialogs/jumps';
import { badgeOf } from '../src/lib/store/badge';
import { periodLabel, periods } from '../src/lib/time/period';
import { conversationRow, personView } from './rows';

vi.stubGlobal('document', { hasFocus: () => true, hidden: false });
vi.stubGlobal('window', {});
vi.stubGlobal('location', { search: '?state=list' });
const { Places } = await import('../src/dialogs/places.svelte');

describe('periods', () => {
    it('are said in words, and what is none is left as it is', () => {
        expect(periodLabel('P7D', 'en')).toBe('7 days');
        expect(periodLabel('P1D', 'en')).toBe('1 day');
        expect(periodLabel('PT1H30M', 'en')).toBe('1 hour 30 minutes');
        expect(periodLabel('P2WT5S', 'en')).toBe('2 weeks 5 seconds');
        for (const odd of ['P', 'PT', 'P1Y', 'a week']) expect(periodLabel(odd, 'en')).toBe(odd);
    });

    it('that one can choose all have words', () => {
        for (const period of periods) expect(periodLabel(period, 'en')).toMatch(/^\d+ (hour|days?)$/);
    });
});

describe('the switcher', () => {
    const person = (identity: string): PersonView => personView(identity);
    const known = [person('Aiko'), person('Ingrid'), person('Aina')];
    const direct = conversationRow('pair', { name: 'Aiko', peer: 'Aiko' });
    const to = (text: string) =>
        jumps([conversationRow('Harbour'), direct], known, 'Ingrid', text).map(({ to, key }) => [to, key]);

    it('offers people with whom there is no conversation of two yet, and never oneself', () => {
        expect(to('ai')).toEqual([
            ['conversation', 'pair'],
            ['person', 'Aina'],
            ['new', 'new'],
            ['directory', 'directory'],
        ]);
        expect(to('ingrid')).toEqual([
            ['new', 'new'],
            ['directory', 'directory'],
        ]);
    });

    it('offers the conversations and the directory before anything is typed', () => {
        expect(to('')).toEqual([
            ['conversation', 'Harbour'],
            ['conversation', 'pair'],
            ['directory', 'directory'],
        ]);
    });
});

describe('the directory', () => {
    it('comes in pages, goes through all of them for a search, and begins anew on another shelf', async () => {
        const places = new Places();
        await places.show('public');
        const first = places.list.length;
        expect([places.problem, places.next]).toEqual([null, 'CHp5']);
        expect(places.matching('winter')).toEqual([]);
        await places.all('public');
        expect(places.list.length).toBe(first + 1);
        expect(places.next).toBeNull();
        expect(places.matching('winter').map(({ name }) => name)).toEqual(['Winter timetable']);
        expect(places.matching('harbour').map(({ name }) => name)[0]).toBe('Harbour');
        await places.show('left');
        expect(places.list.map(({ name }) => name)).toEqual(['Harbour', 'Summer rota']);
    });

    it('does not mix the answer to an older question into a newer one', async () => {
        const places = new Places();
        const older = places.show('public');
        await places.show('left');
        await older;
        expect(places.list.map(({ name }) => name)).toEqual(['Harbour', 'Summer rota']);
    });
});

describe('a badge', () => {
    it('shows the number, and of very many that they are many', () => {
        expect([1, 999, 1000, 12_345].map(badgeOf)).toEqual(['1', '999', '999+', '999+']);
    });
});

describe('a question about a conversation', () => {
    const row = conversationRow('a');

    it('goes away with what it is about', () => {
        for (const dialog of ['leave', 'close_conversation', 'delete_conversation'] as const) {
            expect(stillAsked(dialog, row)).toBe(true);
            expect(stillAsked(dialog, null)).toBe(false);
            expect(stillAsked(dialog, { ...row, left: true })).toBe(false);
            expect(stillAsked(dialog, { ...row, going: true })).toBe(false);
        }
        expect(stillAsked('close_conversation', { ...row, state: 'closed' })).toBe(false);
        expect(stillAsked('leave', { ...row, state: 'closed' })).toBe(true);
    });

    it('is none where a dialog is about no conversation', () => {
        expect(stillAsked('invite', null)).toBe(true);
        expect(stillAsked('new_conversation', null)).toBe(true);
    });
});

describe('the preview', () => {
    const said = { preview: 'Soup?', preview_author: 'Bo' };

    it('names who wrote, unless the conversation is called by that name', () => {
        expect(previewOf(conversationRow('Kitchen', said))).toBe('Bo: Soup?');
        expect(previewOf(conversationRow('Bo', { ...said, peer: 'bo' }))).toBe('Soup?');
        expect(previewOf(conversationRow('Bo', { ...said, peer: 'bo', preview_own: true }))).toBe(
            'You: Soup?',
        );
    });
});
