import { describe, expect, it } from 'vitest';
import { messagesWithFiles } from '../src/lib/files/listed';
import { media } from '../src/lib/backend/fake/files';
import { messageRow } from './rows';

const file = (index: number, more = {}) => messageRow(`k${index}`, { index, media: [media('a')], ...more });
const words = (index: number) => messageRow(`k${index}`, { index });
const nothing = { live: [], past: [], from: null, gone: new Set<string>() };
const indexes = (known: Partial<Parameters<typeof messagesWithFiles>[0]>) =>
    messagesWithFiles({ ...nothing, ...known }).map((message) => message.index);

describe('messages with files', () => {
    it('are those of the timeline until more was looked up', () => {
        expect(indexes({ live: [file(3), words(4), file(5)] })).toEqual([3, 5]);
        const echo = file(6, { state: 'sending', index: null });
        expect(indexes({ live: [file(3), echo] })).toEqual([3]);
    });

    it('go on further back, each once and in order', () => {
        const live = [file(10), words(11), file(12)];
        expect(indexes({ live, past: [file(2), file(10)], from: 1 })).toEqual([2, 10, 12]);
    });

    it('have no hole where the timeline stands far from the end', () => {
        const known = { live: [file(3), file(4)], past: [file(90)], from: 80 };
        expect(indexes(known)).toEqual([90]);
    });

    it('are gone when they were removed, wherever they were known from', () => {
        const past = [file(2), file(10), file(11)];
        const live = [file(10), words(12)];
        expect(indexes({ live, past, from: 0, gone: new Set(['k2']) })).toEqual([10]);
    });
});
