import type {
    Command,
    CommandAnswer,
    NamedRole,
    OutsiderView,
    ParticipantFlags,
    ParticipantRow,
    PersonView,
    PresenceState,
    Problem,
    ReceiptView,
    RoleType,
} from '../generated';
import { me, names } from './data';

const minute = 60_000;
const pageSize = 50;

export const roleSid = (number: number): string => `RL${number.toString(16).padStart(32, '0')}`;

const ordinary = ['sendMessage', 'sendMediaMessage', 'editOwnMessage', 'deleteOwnMessage', 'addParticipant'];

/** The roles of the workspace of these pictures. */
export function roles(): NamedRole[] {
    const role = (
        number: number,
        type: RoleType,
        friendly_name: string,
        permissions: string[],
        built_in = number < 5,
    ) => ({ sid: roleSid(number), type, friendly_name, permissions, built_in });
    return [
        role(1, 'workspace', 'workspace owner', ['createConversation', 'createInvite', 'editRoles']),
        role(2, 'workspace', 'workspace user', ['createConversation', 'joinConversation']),
        role(3, 'conversation', 'owner', [...ordinary, 'deleteAnyMessage', 'editAnyParticipantAttributes']),
        role(4, 'conversation', 'participant', ordinary),
        role(11, 'conversation', 'Guest', ['sendMessage', 'leaveConversation']),
        role(12, 'workspace', 'Seasonal staff', ['joinConversation']),
    ];
}

export const flags = (all: boolean): ParticipantFlags => ({
    can_write: true,
    can_edit: true,
    can_edit_all: all,
    can_remove: true,
    can_remove_all: all,
    can_manage_participants: all,
    owner: all,
});

const there: [string, number | null, PresenceState][] = [
    ['ingrid', 421, 'online'],
    ['maren', 421, 'away'],
    ['jonas', 421, 'busy'],
    ['aiko', 417, 'online'],
    ['tomas', 417, 'offline'],
    ['long', null, 'offline'],
];

function participant(identity: string, horizon: number | null, presence: PresenceState): ParticipantRow {
    const owner = identity === 'maren';
    return {
        sid: `MB${identity}`,
        identity,
        name: names[identity] ?? identity,
        role: owner ? 'owner' : 'participant',
        role_sid: owner ? roleSid(3) : identity === 'long' ? roleSid(11) : roleSid(4),
        flags: { ...flags(owner), can_write: identity !== 'tomas' },
        flags_set: identity === 'tomas',
        can_change: true,
        own: identity === me.identity,
        presence,
        last_read_index: horizon,
        last_read_at: horizon === null ? null : Date.now() - 5 * minute,
    };
}

/** Who is in a conversation; `extra` more of whom nobody has heard. */
export function roster(extra = 0): ParticipantRow[] {
    const crowd = Array.from({ length: extra }, (_, at) =>
        participant(`guest-${String(at + 1).padStart(5, '0')}`, at % 3 === 0 ? 421 : 417, 'offline'),
    );
    return [
        ...there.map(([identity, horizon, presence]) => participant(identity, horizon, presence)),
        ...crowd,
    ];
}

/** Everybody in the workspace. */
export function people(): PersonView[] {
    const known = there.map(([identity, , presence]) => person(identity, presence));
    return [...known, person('kari.n', 'online', 'Kari Nygård'), person('karim', 'offline', 'Karim Haddad')];
}

function person(identity: string, presence: PresenceState, name = names[identity] ?? identity): PersonView {
    const attributes = identity === 'maren' ? { title: 'Harbour master', phone_number: '+47 55 01 02' } : {};
    const role = roleSid(identity === me.identity ? 1 : 2);
    return { sid: `US${identity}`, identity, name, presence, role, attributes, deactivated: false };
}

const outsiders: OutsiderView[] = [{ sid: 'MBsms', means: 'sms', address: '+47 55 01 02 03' }];

/** Answers questions about people, and changes what can be changed of them; null for any other command. */
export class FakePeople {
    roster = roster();
    roles = roles();

    ask(command: Command): CommandAnswer | null {
        switch (command.kind) {
            case 'list_people':
                return { kind: 'people', ...this.#find(command.query ?? '', command.after) };
            case 'list_outsiders':
                return { kind: 'outsiders', people: outsiders };
            case 'list_receipts':
                return {
                    kind: 'receipts',
                    total: this.roster.length - 1,
                    receipts: this.#receipts(),
                    next: null,
                };
            case 'set_role':
                this.#give(command.identity, roleSid(command.role === 'owner' ? 3 : 4));
                return { kind: 'done' };
            case 'give_role':
                this.#give(command.identity, command.role);
                return { kind: 'done' };
            case 'set_flags':
                this.#change(command.identity, { flags: command.flags, flags_set: true });
                return { kind: 'done' };
            case 'remove_participant':
                if (command.identity === me.identity) return null;
                this.roster = this.roster.filter((row) => row.identity !== command.identity);
                return { kind: 'done' };
            case 'add_participant': {
                const found = people().find((person) => person.identity === command.identity);
                if (!found) throw { code: 'not_found', params: { what: 'user' } } satisfies Problem;
                this.roster = [...this.roster, participant(found.identity, null, 'online')];
                return { kind: 'done' };
            }
            default:
                return this.#askOfRoles(command);
        }
    }

    #askOfRoles(command: Command): CommandAnswer | null {
        if (command.kind === 'create_role') {
            const sid = roleSid(100 + this.roles.length);
            const { name: friendly_name, place: type, permissions } = command;
            this.roles = [...this.roles, { sid, type, friendly_name, permissions, built_in: false }];
        } else if (command.kind === 'update_role') {
            const { name: friendly_name, permissions } = command;
            this.roles = this.roles.map((role) =>
                role.sid === command.role ? { ...role, friendly_name, permissions } : role,
            );
        } else if (command.kind === 'delete_role') {
            if (this.roster.some((row) => row.role_sid === command.role))
                throw { code: 'role_in_use', params: { reason: 'held' } } satisfies Problem;
            this.roles = this.roles.filter((role) => role.sid !== command.role);
        } else return null;
        return { kind: 'done' };
    }

    #find(query: string, after: string | null): { people: PersonView[]; next: string | null } {
        const found = people().filter((person) =>
            `${person.identity} ${person.name}`.toLowerCase().includes(query.trim().toLowerCase()),
        );
        const from = after === null ? 0 : found.findIndex((person) => person.sid === after) + 1;
        const page = found.slice(from, from + pageSize);
        return { people: page, next: from + pageSize < found.length ? (page.at(-1)?.sid ?? null) : null };
    }

    #receipts(): ReceiptView[] {
        const others = this.roster.filter((row) => !row.own);
        return others.map(({ sid, identity, name, last_read_index }, at) => ({
            sid,
            identity,
            name,
            read: (last_read_index ?? -1) >= 421,
            at: Date.now() - at * 3 * minute,
        }));
    }

    #give(identity: string, sid: string): void {
        const role = sid === roleSid(3) ? 'owner' : 'participant';
        this.#change(identity, { role, role_sid: sid, flags: flags(role === 'owner'), flags_set: false });
    }

    #change(identity: string, what: Partial<ParticipantRow>): void {
        this.roster = this.roster.map((row) => (row.identity === identity ? { ...row, ...what } : row));
    }
}
