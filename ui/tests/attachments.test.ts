import { describe, expect, it, vi } from 'vitest';
import type { Command, FileToSend, Problem } from '../src/lib/backend/generated';
import { usualLimits } from '../src/lib/files/limits';
import { Attachments, type ChosenFile } from '../src/lib/store/attachments.svelte';
import { conversationRow } from './rows';

vi.mock('$lib/backend', () => ({ asProblem: (error: unknown) => error }));

const row = conversationRow('a');

function staged(id: string): FileToSend {
    const about = { kind: 'file' as const, content_type: 'text/plain', sniffed_type: null };
    return { id, name: `${id}.txt`, ...about, size: 5, width: null, height: null };
}

/** A file that comes when it is told to. */
function chosen(id: string, more: Partial<ChosenFile> = {}) {
    let resolve: (file: FileToSend) => void = () => undefined;
    let reject: (problem: Problem) => void = () => undefined;
    const promise = new Promise<FileToSend>((come, fail) => ([resolve, reject] = [come, fail]));
    const file: ChosenFile = {
        name: `${id}.txt`,
        type: 'text/plain',
        size: 5,
        bring: () => promise,
        ...more,
    };
    return { file, come: () => resolve(staged(id)), fail: (code: string) => reject({ code, params: {} }) };
}

function setUp(answer: (command: Command) => Promise<unknown> = () => Promise.resolve()) {
    const told: Command[] = [];
    const attachments = new Attachments((command) => {
        told.push(command);
        return answer(command);
    });
    const shown = (held = row) =>
        attachments.of(held).map(({ name, file }) => `${name} ${file ? 'ready' : 'copying'}`);
    return { attachments, told, shown };
}

describe('files beside what is being written', () => {
    it('are copied, told to the core and not lost from sight in between', async () => {
        const { attachments, told, shown } = setUp();
        const one = chosen('1');
        attachments.add(row, [one.file], true);
        expect(shown()).toEqual(['1.txt copying']);
        expect(attachments.isComing('a')).toBe(true);
        one.come();
        expect(await attachments.settled('a')).toBe(true);
        expect(told).toEqual([{ kind: 'attach', conversation: 'a', file: staged('1') }]);
        expect(shown()).toEqual(['1.txt ready']);
        const held = { ...row, attached: [staged('1')] };
        attachments.follow([held]);
        expect(shown(held)).toEqual(['1.txt ready']);
        expect(shown(conversationRow('b'))).toEqual([]);
    });

    it('are refused at once when they are too large or too many, the others not', () => {
        const { attachments, shown } = setUp();
        attachments.limits = { ...usualLimits, bytes: 10, count: 2 };
        attachments.add(row, [chosen('1', { size: 11 }).file, chosen('2').file], true);
        expect(attachments.refused('a')).toEqual({
            name: '1.txt',
            problem: { code: 'too_large', params: { field: 'size', limit: 10 } },
        });
        expect(shown()).toEqual(['2.txt copying']);
        attachments.add(row, [chosen('3').file, chosen('4').file, chosen('5').file], true);
        expect(attachments.refused('a')?.problem.params).toEqual({ field: 'media', limit: 2 });
        expect(shown()).toHaveLength(2);
        expect(attachments.refused('b')).toBeNull();
    });

    it('are not taken from somebody who may send none, and that is said', () => {
        const { attachments, shown } = setUp();
        attachments.add(row, [chosen('1').file, chosen('2').file], false);
        expect(shown()).toEqual([]);
        expect(attachments.refused('a')).toEqual({
            name: '1.txt',
            problem: { code: 'forbidden', params: { permission: 'sendMediaMessage' } },
        });
    });

    it('go when they are taken away, whether they are here already or not', async () => {
        const { attachments, told, shown } = setUp();
        const [one, two] = [chosen('1'), chosen('2')];
        attachments.add(row, [one.file, two.file], true);
        two.come();
        const [first] = attachments.of(row);
        if (first) attachments.remove('a', first);
        await vi.waitFor(() => expect(shown()).toEqual(['2.txt ready']));
        for (const attachment of attachments.of(row)) attachments.remove('a', attachment);
        expect(shown()).toEqual([]);
        one.come();
        await vi.waitFor(() => expect(told.filter(({ kind }) => kind === 'detach')).toHaveLength(2));
        expect(attachments.refused('a')).toBeNull();
        expect(shown({ ...row, attached: [staged('2')] })).toEqual([]);
    });

    it('stand in the order in which they were chosen, however long each takes', async () => {
        const { attachments, told, shown } = setUp();
        const [one, two, three] = [chosen('1'), chosen('2'), chosen('3')];
        attachments.add(row, [one.file, two.file, three.file], true);
        three.come();
        two.fail('file_unreadable');
        await vi.waitFor(() => expect(attachments.refused('a')?.name).toBe('2.txt'));
        expect(shown()).toEqual(['1.txt copying', '3.txt copying']);
        one.come();
        await vi.waitFor(() => expect(shown()).toEqual(['1.txt ready', '3.txt ready']));
        expect(told).toEqual(
            ['1', '3'].map((id) => ({ kind: 'attach', conversation: 'a', file: staged(id) })),
        );
    });

    it('that cannot be read are named, and nothing waits for them', async () => {
        const { attachments, shown } = setUp();
        const one = chosen('1');
        attachments.add(row, [one.file], true);
        const settled = attachments.settled('a');
        one.fail('file_unreadable');
        expect(await settled).toBe(false);
        expect(attachments.refused('a')).toEqual({
            name: '1.txt',
            problem: { code: 'file_unreadable', params: {} },
        });
        expect(shown()).toEqual([]);
    });

    it('that the core does not take are gone', async () => {
        const { attachments, shown } = setUp(() => Promise.reject({ code: 'too_large', params: {} }));
        const one = chosen('1');
        attachments.add(row, [one.file], true);
        one.come();
        expect(await attachments.settled('a')).toBe(false);
        expect(shown()).toEqual([]);
        expect(attachments.refused('a')?.problem.code).toBe('too_large');
    });

    it('that were sent are out of sight at once, and back when they were not', () => {
        const { attachments, shown } = setUp();
        const held = { ...row, attached: [staged('1')] };
        attachments.sent('a', held.attached);
        expect(shown(held)).toEqual([]);
        attachments.unsent(held.attached);
        expect(shown(held)).toEqual(['1.txt ready']);
    });
});
