import { describe, expect, it } from 'vitest';
import { fakeBackend } from '../src/lib/backend/fake';
import type { AppEvent } from '../src/lib/backend/generated';
import { applyDiffs, emptyView, type ViewState } from '../src/lib/store/view';
import { linesOf, personHeight, windowOf } from '../src/details/roster';
import { attributeLines } from '../src/people/attributes';
import { sameIdentity } from '../src/people/identity';
import { flagNames, permissionsOf, roleName, rolesOf } from '../src/people/roles';
import { othersHorizons, readBy } from '../src/timeline/items';
import { participantRow } from './rows';

describe('the list of people', () => {
    const roster = [
        participantRow('zoe', { name: 'Zoë' }),
        participantRow('ada', { name: 'Yrsa', own: true }),
        participantRow('bo', { name: 'Bo Ek', presence: 'busy' }),
        participantRow('cem', { name: 'Cem', presence: 'offline' }),
    ];
    const here = (person: { presence: unknown; own: boolean }) => person.own || person.presence === 'busy';
    const said = (text: string) =>
        linesOf(roster, text, here).map((line) => (line.kind === 'heading' ? line.part : line.key));

    it('has who is here first, oneself at the top and each part by name', () => {
        expect(said('')).toEqual(['online', 'MBada', 'MBbo', 'offline', 'MBcem', 'MBzoe']);
    });

    it('is searched by name and identity, without accents', () => {
        expect(said('zoe')).toEqual(['offline', 'MBzoe']);
        expect(said('ek bo')).toEqual(['online', 'MBbo']);
        expect(said('nobody')).toEqual([]);
    });

    it('draws only what is near the viewport, however long it is', () => {
        const crowd = Array.from({ length: 10_000 }, (_, at) => participantRow(`p${at}`));
        const lines = linesOf(crowd, '', () => false);
        for (const scale of [1, 1.25]) {
            const top = 5_000 * personHeight(scale);
            const drawn = windowOf(lines, { top, height: 800 }, scale);
            expect(drawn.lines.length).toBeLessThan(60);
            expect(drawn.above).toBeLessThanOrEqual(top);
            expect(drawn.above + drawn.lines.length * personHeight(scale)).toBeGreaterThan(top + 800);
            expect(drawn.total).toBeGreaterThan(10_000 * personHeight(scale));
        }
    });
});

describe('how far a message was read', () => {
    const crowd = (count: number) => [
        participantRow('me', { own: true, last_read_index: 99 }),
        ...Array.from({ length: count }, (_, at) => participantRow(`p${at}`, { last_read_index: at })),
        participantRow('never'),
    ];

    it('is exact with two and with fifty', () => {
        for (const count of [1, 49]) {
            const horizons = othersHorizons(crowd(count), true) ?? [];
            expect(readBy(horizons, 0)).toEqual({ by: count, of: count + 1 });
            expect(readBy(horizons, count - 1)).toEqual({ by: 1, of: count + 1 });
            expect(readBy(horizons, count)).toEqual({ by: 0, of: count + 1 });
        }
    });

    it('is not known before everybody is', () => {
        expect(othersHorizons(crowd(2), false)).toBeNull();
    });
});

describe('profiles', () => {
    it('show what a person can read of them', () => {
        const attributes = {
            phone_number: ' +47 ',
            jobTitle: 'Pilot',
            empty: '',
            parts: { a: 1 },
            age: 41,
            on: true,
        };
        expect(attributeLines(attributes)).toEqual([
            { name: 'Phone number', value: '+47' },
            { name: 'Job title', value: 'Pilot' },
            { name: 'Age', value: '41' },
        ]);
    });

    it('belong to identities that are compared without regard to case', () => {
        expect(sameIdentity(' Aiko ', 'AIKO')).toBe(true);
        expect(sameIdentity('straße', 'STRASSE')).toBe(true);
        expect(sameIdentity('Aiko', 'Aika')).toBe(false);
    });
});

/** A window on the fake shell, up to what it shows now. */
async function opened() {
    let view: ViewState = emptyView;
    const backend = fakeBackend(new URLSearchParams('state=chat'));
    await backend.subscribe((events: AppEvent[]) => {
        for (const event of events) if (event.kind === 'view') view = applyDiffs(view, event.diffs);
    });
    const roles = () => rolesOf(view.roles, 'conversation');
    const person = (identity: string) => view.opened?.roster.find((person) => person.identity === identity);
    return { backend, roles, person, view: () => view };
}

describe('roles', () => {
    it('are made, given, changed and deleted when nobody has them', async () => {
        const { backend, roles, person } = await opened();
        await backend.dispatch({
            kind: 'create_role',
            name: 'Apprentice',
            place: 'conversation',
            permissions: ['sendMessage'],
        });
        expect(roles().map(roleName)).toEqual(['Owner', 'Participant', 'Apprentice', 'Guest']);
        const role = roles()[2]?.sid ?? '';
        await backend.dispatch({ kind: 'give_role', conversation: '1', identity: 'jonas', role });
        expect(person('jonas')?.role_sid).toBe(role);
        await expect(backend.dispatch({ kind: 'delete_role', role })).rejects.toMatchObject({
            code: 'role_in_use',
        });
        await backend.dispatch({
            kind: 'set_role',
            conversation: '1',
            identity: 'jonas',
            role: 'participant',
        });
        await backend.dispatch({ kind: 'delete_role', role });
        expect(roles()).toHaveLength(3);
    });

    it('name each permission and each flag in words', () => {
        const all = [...permissionsOf('conversation'), ...permissionsOf('workspace')];
        expect(new Set(all).size).toBe(25);
        expect(flagNames).toHaveLength(7);
    });

    it('give way to flags', async () => {
        const { backend, person } = await opened();
        const before = person('aiko');
        if (!before) throw new Error('nobody');
        const flags = { ...before.flags, can_write: false };
        await backend.dispatch({ kind: 'set_flags', conversation: '1', identity: 'aiko', flags });
        expect([person('aiko')?.flags.can_write, person('aiko')?.flags_set]).toEqual([false, true]);
    });
});

describe('people of the workspace', () => {
    it('are found by a part of the name and added', async () => {
        const { backend, person } = await opened();
        const found = await backend.dispatch({ kind: 'list_people', query: 'KA', after: null });
        expect(found.kind === 'people' && found.people.map((one) => one.identity)).toEqual([
            'aiko',
            'kari.n',
            'karim',
        ]);
        await backend.dispatch({ kind: 'add_participant', conversation: '1', identity: 'kari.n' });
        expect(person('kari.n')?.role).toBe('participant');
    });

    it('are seen as they say, as soon as they say it', async () => {
        const { backend, view } = await opened();
        await backend.dispatch({ kind: 'set_status', status: 'busy' });
        expect(view().session?.status).toBe('busy');
        const receipts = await backend.dispatch({
            kind: 'list_receipts',
            conversation: '1',
            message: 'm421',
            after: null,
        });
        expect(receipts.kind === 'receipts' && receipts.total).toBe(5);
    });
});
