import { describe, expect, it } from 'vitest';
import { orderConversations, orderMessages } from '../src/lib/store/order';
import { neighbour } from '../src/lib/store/neighbour';
import { match } from '../src/lib/store/match';
import { conversationRow, messageRow } from './rows';

describe('the order of rows', () => {
    it('puts the newest activity first, and equal instants by key', () => {
        const rows = [
            conversationRow('b', { activity_at: 5 }),
            conversationRow('a', { activity_at: 5 }),
            conversationRow('c', { activity_at: 9 }),
        ];
        expect(orderConversations(rows).map((row) => row.key)).toEqual(['c', 'a', 'b']);
    });

    it('puts messages by index and echoes last, as they were written', () => {
        const rows = [
            messageRow('echo-2', { index: null, at: 1 }),
            messageRow('late', { index: 7, at: 1 }),
            messageRow('echo-1', { index: null, at: 0 }),
            messageRow('early', { index: 3, at: 9 }),
        ];
        expect(orderMessages(rows).map((row) => row.key)).toEqual(['early', 'late', 'echo-2', 'echo-1']);
    });
});

describe('the neighbour of the open conversation', () => {
    const rows = [conversationRow('a'), conversationRow('b', { unread: 2 }), conversationRow('c')];

    it('goes round the ends', () => {
        expect(neighbour(rows, 'c', 1, false)).toBe('a');
        expect(neighbour(rows, 'a', -1, false)).toBe('c');
    });

    it('begins at the top or the bottom when none is open', () => {
        expect(neighbour(rows, null, 1, false)).toBe('a');
        expect(neighbour(rows, null, -1, false)).toBe('c');
    });

    it('finds only unread ones when asked, and none when there is none', () => {
        expect(neighbour(rows, 'c', -1, true)).toBe('b');
        expect(neighbour(rows, 'b', 1, true)).toBeNull();
        expect(neighbour([], null, 1, false)).toBeNull();
    });
});

describe('the switcher', () => {
    it('finds every word without case and accents, beginnings first', () => {
        const found = match(['Old pier', 'Pier Tomás', 'Quay'], 'PIER', (name) => name);
        expect(found).toEqual(['Pier Tomás', 'Old pier']);
        expect(match(['Pier Tomás'], 'tomas pier', (name) => name)).toEqual(['Pier Tomás']);
        expect(match(['Quay'], 'pier', (name) => name)).toEqual([]);
    });
});
