import { describe, expect, it } from 'vitest';
import type { ViewDiff } from '../src/lib/backend/generated';
import { applyDiffs, emptyView } from '../src/lib/store/view';
import { conversationRow, messageRow, participantRow, personView } from './rows';

const rights = {
    send: true,
    send_media: true,
    add_participant: false,
    remove_participant: false,
    rename: false,
    set_role: false,
    configure: false,
    leave: true,
    delete: false,
};
const ends = { has_older: true, has_newer: false, loading: false };
const opened = (conversation: string | null): ViewDiff => ({
    kind: 'opened',
    conversation,
    rights,
    new_after: 3,
    new_count: 1,
});
const timeline = (more: Partial<Extract<ViewDiff, { kind: 'timeline' }>>): ViewDiff => ({
    kind: 'timeline',
    conversation: 'a',
    upsert: [],
    removed: [],
    reset: false,
    ends,
    ...more,
});
const keys = (...diffs: ViewDiff[]) =>
    applyDiffs(emptyView, [opened('a'), ...diffs]).opened?.messages.map((row) => row.key);

describe('diffs', () => {
    it('turn an echo into its message under the same key', () => {
        const echo = messageRow('client-1', { index: null, state: 'sending' });
        const view = applyDiffs(emptyView, [
            opened('a'),
            timeline({ upsert: [messageRow('m4', { index: 4 }), echo] }),
            timeline({ upsert: [{ ...echo, index: 5, sid: 'IM5', state: 'sent' }] }),
        ]);
        expect(view.opened?.messages.map(({ key, index }) => [key, index])).toEqual([
            ['m4', 4],
            ['client-1', 5],
        ]);
    });

    it('keep echoes in the order in which they were written', () => {
        const first = messageRow('e1', { index: null });
        const second = messageRow('e2', { index: null });
        expect(
            keys(
                timeline({ upsert: [first, second] }),
                timeline({ upsert: [{ ...first, state: 'failed' }] }),
            ),
        ).toEqual(['e1', 'e2']);
    });

    it('put older pages before, take removed rows out, and begin anew on a jump', () => {
        const page = (...indexes: number[]) =>
            timeline({ upsert: indexes.map((index) => messageRow(`m${index}`, { index })) });
        expect(keys(page(5, 6), page(3, 4))).toEqual(['m3', 'm4', 'm5', 'm6']);
        expect(keys(page(5, 6), timeline({ removed: ['m5'] }))).toEqual(['m6']);
        expect(keys(page(5, 6), timeline({ reset: true, upsert: [messageRow('m1', { index: 1 })] }))).toEqual(
            ['m1'],
        );
    });

    it('of a conversation that is no longer open change nothing', () => {
        const view = applyDiffs(emptyView, [opened('b'), timeline({ upsert: [messageRow('m1')] })]);
        expect(view.opened?.messages).toEqual([]);
        expect(applyDiffs(view, [opened(null)]).opened).toBeNull();
    });

    it('give each opening a generation of its own, with an empty roster', () => {
        const roster: ViewDiff = {
            kind: 'roster',
            conversation: 'a',
            upsert: [participantRow('ben')],
            removed: [],
            complete: true,
        };
        const first = applyDiffs(emptyView, [opened('a'), roster]);
        const second = applyDiffs(first, [opened('a')]);
        expect(first.opened?.roster).toHaveLength(1);
        expect(second.opened?.roster).toEqual([]);
        expect(second.opened?.generation).not.toBe(first.opened?.generation);
    });

    it('order the list again when activity moves', () => {
        const conversations = (...upsert: ReturnType<typeof conversationRow>[]): ViewDiff => ({
            kind: 'conversations',
            upsert,
            removed: [],
            loaded: true,
        });
        const view = applyDiffs(emptyView, [
            conversations(conversationRow('a', { activity_at: 1 }), conversationRow('b', { activity_at: 2 })),
            conversations(conversationRow('a', { activity_at: 3, unread: 1 })),
        ]);
        expect(view.conversations.map(({ key, unread }) => [key, unread])).toEqual([
            ['a', 1],
            ['b', 0],
        ]);
    });

    it('hold the settings of the person as they are set and forgotten', () => {
        const set = applyDiffs(emptyView, [
            {
                kind: 'settings',
                upsert: [
                    { key: 'a', value: 1 },
                    { key: 'b', value: 'x' },
                ],
                removed: [],
            },
            { kind: 'settings', upsert: [{ key: 'a', value: 2 }], removed: ['b'] },
        ]);
        expect([...set.settings]).toEqual([['a', 2]]);
        expect(applyDiffs(set, [{ kind: 'reset' }]).settings.size).toBe(0);
    });

    it('hold what is stuck and what cannot be kept until the core takes it back', () => {
        const problem = { code: 'disk_full', params: {} };
        const entry = { key: 'e', action: 'rename', conversation: 'Pier 4', subject: 'Pier 5', problem };
        const view = applyDiffs(emptyView, [
            { kind: 'stuck', entries: [entry] },
            { kind: 'storage', problem },
        ]);
        expect([view.stuck, view.storage]).toEqual([[entry], problem]);
        const after = applyDiffs(view, [
            { kind: 'stuck', entries: [] },
            { kind: 'storage', problem: null },
        ]);
        expect([after.stuck, after.storage]).toEqual([[], null]);
    });

    it('reset everything shown, and pass over kinds of a newer core', () => {
        const full = applyDiffs(emptyView, [
            opened('a'),
            { kind: 'unread_total', unread: 4, mentions: 1 },
            { kind: 'people', upsert: [personView('ben', { name: 'Ben', presence: 'busy' })] },
        ]);
        const reset = applyDiffs(full, [{ kind: 'reset' }]);
        expect([reset.opened, reset.unread.unread, reset.people.size]).toEqual([null, 0, 0]);
        expect(applyDiffs(full, [{ kind: 'of_the_future' } as unknown as ViewDiff])).toBe(full);
    });

    it('says of the open conversation alone that others take part by other means now', () => {
        const changed: ViewDiff = { kind: 'outsiders_changed', conversation: 'a' };
        const view = applyDiffs(emptyView, [
            opened('a'),
            changed,
            { ...changed, conversation: 'b' },
            changed,
        ]);
        expect(view.opened?.outsidersChanges).toBe(2);
    });

    it('remembers what was removed until another conversation is opened', () => {
        const gone: ViewDiff = { kind: 'message_gone', conversation: 'a', message: 'k1' };
        const view = applyDiffs(emptyView, [
            opened('a'),
            gone,
            { ...gone, conversation: 'b', message: 'k2' },
        ]);
        expect([...(view.opened?.gone ?? [])]).toEqual(['k1']);
        expect(applyDiffs(view, [opened('a')]).opened?.gone.size).toBe(0);
    });
});
