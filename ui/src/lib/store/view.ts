import type {
    ConnectionState,
    ConversationRow,
    MessageRow,
    NamedRole,
    ParticipantRow,
    PersonView,
    Problem,
    Rights,
    SessionView,
    StuckView,
    TimelineEnds,
    ViewDiff,
} from '$lib/backend';
import { orderConversations, orderMessages } from './order';

/** Everything that is shown, immutable: a batch of diffs makes the next one. */
export interface ViewState {
    /** Undefined until the first diff says whether somebody is signed in. */
    session: SessionView | null | undefined;
    connection: { state: ConnectionState; retryAt: number | null };
    conversations: ConversationRow[];
    /** The list is as the server has it. */
    loaded: boolean;
    opened: Opened | null;
    people: ReadonlyMap<string, PersonView>;
    unread: { unread: number; mentions: number };
    /** All roles, the built-in ones first. */
    roles: NamedRole[];
    /** What follows the person to all their devices. */
    settings: ReadonlyMap<string, unknown>;
    /** What was refused and has no other place to be shown, tried again or given up. */
    stuck: StuckView[];
    /** Why what is written cannot be kept on this computer, while it cannot. */
    storage: Problem | null;
    /** Refused actions that were not yet said; taken out by the one who says them. */
    notices: Problem[];
}

/** The open conversation. `generation` grows with each opening, so that the timeline knows to begin anew. */
export interface Opened {
    key: string;
    generation: number;
    rights: Rights;
    newAfter: number | null;
    newCount: number;
    messages: MessageRow[];
    /** Keys of messages that were removed since it was opened. */
    gone: ReadonlySet<string>;
    ends: TimelineEnds;
    /** Grows when somebody who takes part by other means came, changed or went. */
    outsidersChanges: number;
    roster: ParticipantRow[];
    rosterComplete: boolean;
    /** Grows when the window of rows has jumped. */
    jumps: number;
}

export const emptyView: ViewState = {
    session: undefined,
    connection: { state: 'connecting', retryAt: null },
    conversations: [],
    loaded: false,
    opened: null,
    people: new Map(),
    unread: { unread: 0, mentions: 0 },
    roles: [],
    settings: new Map(),
    stuck: [],
    storage: null,
    notices: [],
};

let generations = 0;

/** Applies one batch in order. */
export function applyDiffs(view: ViewState, diffs: readonly ViewDiff[]): ViewState {
    return diffs.reduce(applyDiff, view);
}

function applyDiff(view: ViewState, diff: ViewDiff): ViewState {
    switch (diff.kind) {
        case 'reset':
            return { ...emptyView, session: view.session, notices: view.notices };
        case 'session':
            return { ...view, session: diff.session };
        case 'connection':
            return { ...view, connection: { state: diff.state, retryAt: diff.retry_at } };
        case 'conversations': {
            const rows = merge(view.conversations, diff.upsert, diff.removed, (row) => row.key);
            return { ...view, conversations: orderConversations(rows), loaded: diff.loaded };
        }
        case 'opened':
            return { ...view, opened: open(diff) };
        case 'rights':
            return inOpened(view, diff.conversation, (opened) => ({ ...opened, rights: diff.rights }));
        case 'timeline':
            return inOpened(view, diff.conversation, (opened) => {
                const before = diff.reset ? [] : opened.messages;
                const rows = merge(before, diff.upsert, diff.removed, (row) => row.key);
                const jumps = opened.jumps + (diff.reset ? 1 : 0);
                return { ...opened, messages: orderMessages(rows), ends: diff.ends, jumps };
            });
        case 'message_gone':
            return inOpened(view, diff.conversation, (opened) => ({
                ...opened,
                gone: new Set([...opened.gone, diff.message]),
            }));
        case 'outsiders_changed':
            return inOpened(view, diff.conversation, (opened) => ({
                ...opened,
                outsidersChanges: opened.outsidersChanges + 1,
            }));
        case 'roster':
            return inOpened(view, diff.conversation, (opened) => ({
                ...opened,
                roster: merge(opened.roster, diff.upsert, diff.removed, (row) => row.sid),
                rosterComplete: diff.complete,
            }));
        case 'people':
            return {
                ...view,
                people: new Map([
                    ...view.people,
                    ...diff.upsert.map((person) => [person.identity, person] as const),
                ]),
            };
        case 'roles':
            return { ...view, roles: diff.roles };
        case 'settings': {
            const settings = new Map(view.settings);
            for (const key of diff.removed) settings.delete(key);
            for (const { key, value } of diff.upsert) settings.set(key, value);
            return { ...view, settings };
        }
        case 'unread_total':
            return { ...view, unread: { unread: diff.unread, mentions: diff.mentions } };
        case 'stuck':
            return { ...view, stuck: diff.entries };
        case 'storage':
            return { ...view, storage: diff.problem };
        case 'notice':
            return { ...view, notices: [...view.notices, diff.problem] };
        default:
            // A newer core may show more than this interface knows.
            return view;
    }
}

function open(diff: Extract<ViewDiff, { kind: 'opened' }>): Opened | null {
    if (diff.conversation === null) return null;
    generations += 1;
    return {
        key: diff.conversation,
        generation: generations,
        rights: diff.rights,
        newAfter: diff.new_after,
        newCount: diff.new_count,
        messages: [],
        gone: new Set(),
        outsidersChanges: 0,
        ends: { has_older: false, has_newer: false, loading: true },
        roster: [],
        rosterComplete: false,
        jumps: 0,
    };
}

/** Diffs of a conversation that was left in the meantime are void. */
function inOpened(view: ViewState, key: string, change: (opened: Opened) => Opened): ViewState {
    return view.opened?.key === key ? { ...view, opened: change(view.opened) } : view;
}

/** Whole rows replace rows of the same key in their place; new ones follow in the order in which they came. */
function merge<Row>(rows: Row[], upsert: Row[], removed: string[], keyOf: (row: Row) => string): Row[] {
    if (upsert.length === 0 && removed.length === 0) return rows;
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    for (const key of removed) byKey.delete(key);
    for (const row of upsert) byKey.set(keyOf(row), row);
    return [...byKey.values()];
}
