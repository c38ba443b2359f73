/**
 * A shell that is not there, for `vite dev` in a browser and for pictures. What is shown is chosen in the address:
 * `?state=chat&theme=dark&press=details-toggle`; see `states` below.
 */
import type { Backend, SaveInput } from '../backend';
import type {
    AppEvent,
    Command,
    CommandAnswer,
    ConversationChange,
    ConversationRow,
    FileToSend,
    Hosting,
    MessageRow,
    OfferedFile,
    Problem,
    Rights,
    SaveView,
    SessionView,
    ViewDiff,
} from '../generated';
import { conversation, conversations, devices, history, me, message, messages, nameOf } from './data';
import { drawn, echoed, media, offered, photo, staged, withFiles } from './files';
import { FakePeople, people, roster } from './people';
import { directory, left } from './places';

const rights = {
    send: true,
    send_media: true,
    add_participant: true,
    remove_participant: true,
    rename: true,
    set_role: true,
    configure: true,
    leave: true,
    delete: true,
};
/** As the core derives them. */
function rightsIn(row: ConversationRow | undefined): Rights {
    const [direct, open] = [row?.peer != null, row?.state !== 'closed'];
    const change = open && !direct;
    return {
        send: open,
        send_media: open,
        add_participant: change,
        remove_participant: change,
        rename: change,
        set_role: change,
        configure: change,
        leave: !direct,
        delete: !direct,
    };
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const refusal = (code: string, params = {}): Problem => ({ code, params });

export function fakeBackend(query: URLSearchParams): Backend {
    const fake = new Fake(query);
    const press = query.get('press')?.split(',') ?? [];
    void fake.press(press);
    return fake;
}

class Fake implements Backend {
    #emit: (events: AppEvent[]) => void = () => undefined;
    #rows = new Map<string, MessageRow[]>();
    #list = new Map(conversations().map((row) => [row.key, row]));
    #first = 9900;
    #people = new FakePeople();
    #hosting: Hosting | null = { reach: 'computer', addresses: ['127.0.0.1:7420'] };
    #session: SessionView = {
        workspace: 'IS1',
        workspace_name: '',
        identity: me.identity,
        friendly_name: me.name,
        role: 'owner',
        rights: {
            create_conversation: true,
            join_conversation: true,
            edit_profile: true,
            create_invite: true,
            edit_roles: true,
        },
        status: null,
    };
    readonly #state: string;

    constructor(private readonly query: URLSearchParams) {
        this.#state = query.get('state') ?? 'welcome';
    }

    async subscribe(onEvents: (events: AppEvent[]) => void) {
        this.#emit = onEvents;
        const signedIn = this.#state !== 'welcome';
        if (signedIn) this.#begin();
        const settings = Object.fromEntries(this.query);
        return {
            version: '0.1.0',
            platform: 'linux',
            settings,
            hosting: this.#hosting,
            signed_in: signedIn,
            saves: [],
        };
    }

    #show(...diffs: ViewDiff[]): void {
        this.#emit([{ kind: 'view', diffs }]);
    }

    #begin(workspace = 'Fjordline'): void {
        const none = this.#state === 'none';
        const offline = this.#state === 'offline';
        this.#session = { ...this.#session, workspace_name: workspace };
        if (this.#state === 'crowd') this.#people.roster = roster(10_000);
        this.#show(
            { kind: 'reset' },
            { kind: 'session', session: this.#session },
            { kind: 'connection', state: offline ? 'disconnected' : 'connected', retry_at: null },
            {
                kind: 'conversations',
                upsert: none ? [] : [...this.#list.values()],
                removed: [],
                loaded: true,
            },
            { kind: 'roles', roles: this.#people.roles },
            { kind: 'people', upsert: people() },
            { kind: 'unread_total', unread: none ? 0 : 19, mentions: 0 },
        );
        if (['none', 'list'].includes(this.#state)) return;
        this.#open('1');
        if (this.#state === 'drag') this.#emit([{ kind: 'drag', over: true }]);
        if (this.#state === 'compose') this.#emit([{ kind: 'dropped', files: offered }]);
        if (this.#state === 'toast') {
            this.#show({
                kind: 'notice',
                problem: refusal('limit_reached', { what: 'participants', limit: 1000 }),
            });
        }
    }

    #open(key: string): void {
        const many = this.#state === 'many';
        const rows =
            this.#state === 'empty' || this.#state === 'loading'
                ? []
                : many
                  ? history(this.#first, 10_000)
                  : messages();
        if (this.#state === 'all') this.#first = 0;
        this.#rows.set(key, this.#state === 'all' ? history(0, 10_000) : rows);
        this.#show(
            {
                kind: 'opened',
                conversation: key,
                rights: rightsIn(this.#list.get(key)),
                new_after: many ? 9980 : 417,
                new_count: many ? 19 : 5,
            },
            {
                kind: 'timeline',
                conversation: key,
                upsert: this.#rows.get(key) ?? [],
                removed: [],
                reset: true,
                ends: { has_older: many, has_newer: false, loading: this.#state === 'loading' },
            },
            { kind: 'roster', conversation: key, upsert: this.#people.roster, removed: [], complete: true },
        );
        if (this.#state === 'read-only') {
            this.#show({ kind: 'rights', conversation: key, rights: { ...rights, send: false } });
        }
    }

    /** What people and roles are asked, and what comes of it. */
    #askPeople(command: Command): CommandAnswer | null {
        const before = this.#people.roster;
        const answer = this.#people.ask(command);
        if (answer === null || answer.kind !== 'done') return answer;
        const gone = before.filter((row) => !this.#people.roster.some((other) => other.sid === row.sid));
        this.#show(
            { kind: 'roles', roles: this.#people.roles },
            {
                kind: 'roster',
                conversation: 'conversation' in command ? (command.conversation ?? '1') : '1',
                upsert: this.#people.roster,
                removed: gone.map((row) => row.sid),
                complete: true,
            },
        );
        return answer;
    }

    async dispatch(command: Command): Promise<CommandAnswer> {
        const answer = this.#askPeople(command);
        if (answer) return answer;
        switch (command.kind) {
            case 'open':
                if (command.conversation === null) {
                    this.#show({ kind: 'opened', conversation: null, rights, new_after: null, new_count: 0 });
                } else this.#open(command.conversation);
                break;
            case 'send':
                void this.#send(command.conversation, command.body);
                break;
            case 'send_files':
                this.#attached(command.conversation, () => []);
                void this.#send(command.conversation, command.body, command.files);
                break;
            case 'attach':
                this.#attached(command.conversation, (files) => [...files, command.file]);
                break;
            case 'detach':
                this.#attached(command.conversation, (files) =>
                    files.filter(({ id }) => id !== command.file),
                );
                break;
            case 'file_limits':
                return {
                    kind: 'file_limits',
                    file_bytes: 150 * 1024 * 1024,
                    per_message: 10,
                    allowed_types: [],
                    denied_types: [],
                };
            case 'list_files':
                return this.#files(command.before);
            case 'load_older':
                void this.#older();
                break;
            case 'discard_stuck':
                this.#show({ kind: 'stuck', entries: [] });
                if (this.#list.get(command.entry)?.sid === null) this.#remove(command.entry);
                break;
            case 'set_status':
                this.#session = { ...this.#session, status: command.status };
                this.#show({ kind: 'session', session: this.#session });
                break;
            case 'mark_all_read':
                this.#show({
                    kind: 'conversations',
                    upsert: conversations().map((row) => ({ ...row, unread: 0, mentions: 0 })),
                    removed: [],
                    loaded: true,
                });
                break;
            case 'list_devices':
                return { kind: 'devices', devices: devices() };
            case 'create_conversation': {
                const { name, unique_name, options } = command;
                const { public_join, uber, timers } = options;
                if (unique_name === 'taken') return this.#refuse(crypto.randomUUID(), name);
                const more = { preview: null, unique_name, public_join, uber, timers };
                return this.#make(
                    conversation(crypto.randomUUID(), name, { ...more, activity_at: Date.now() }),
                );
            }
            case 'open_direct': {
                const known = conversations().find((row) => row.peer === command.identity);
                const more = { peer: command.identity, preview: null, participants_count: 2 };
                const row = known ?? conversation(crypto.randomUUID(), nameOf(command.identity), more);
                return this.#make({ ...row, activity_at: Date.now() });
            }
            case 'configure':
                this.#configure(command.conversation, command.change);
                break;
            case 'set_notification_level':
                this.#change(command.conversation, { notification_level: command.level });
                break;
            case 'delete_conversation':
            case 'remove_participant':
                this.#remove(command.conversation);
                break;
            case 'list_public':
                await delay(150);
                return { kind: 'directory', ...directory(command.after) };
            case 'list_left':
                return { kind: 'left', conversations: left(), next: null };
            case 'peek': {
                const found = directory(null).conversations.find(({ sid }) => sid === command.conversation);
                if (!found) throw refusal('not_found', { what: 'conversation' });
                return { kind: 'public', conversation: found };
            }
            case 'join_conversation': {
                const found = directory(null).conversations.find(({ sid }) => sid === command.conversation);
                if (found?.state === 'closed') throw refusal('conversation_closed');
                const more = { sid: command.conversation, public_join: true, activity_at: Date.now() };
                return this.#make(conversation(command.conversation, found?.name ?? '', more));
            }
            case 'create_invite':
                await delay(200);
                return {
                    kind: 'invite',
                    sid: 'IV1',
                    link: 'confab://join/1/eyJ3IjoiSVMwMSIsImEiOlsiMTI3LjAuMC4xOjc0MjAiXX0',
                    expires_at: Date.now(),
                };
            default:
                break;
        }
        return { kind: 'done' };
    }

    #make(row: ConversationRow): CommandAnswer {
        this.#list.set(row.key, row);
        this.#show({ kind: 'conversations', upsert: [row], removed: [], loaded: true });
        this.#open(row.key);
        return { kind: 'conversation', key: row.key };
    }

    #change(key: string, more: Partial<ConversationRow>): void {
        const row = { ...(this.#list.get(key) ?? conversation(key, '')), ...more };
        this.#list.set(key, row);
        this.#show({ kind: 'conversations', upsert: [row], removed: [], loaded: true });
    }

    #remove(key: string): void {
        this.#list.delete(key);
        this.#show(
            { kind: 'opened', conversation: null, rights, new_after: null, new_count: 0 },
            { kind: 'conversations', upsert: [], removed: [key], loaded: true },
        );
    }

    #configure(key: string, change: ConversationChange): void {
        if (change.field === 'unique_name' && change.value === 'taken') {
            const [problem, subject] = [refusal('unique_name_taken'), change.field];
            const entry = { key: 'E1', action: 'configure', conversation: '', subject, problem };
            return this.#show({ kind: 'stuck', entries: [entry] });
        }
        this.#change(key, { [change.field]: change.value });
        this.#show({ kind: 'rights', conversation: key, rights: rightsIn(this.#list.get(key)) });
    }

    /** What is made is refused a moment later, as the server does. */
    #refuse(key: string, name: string): CommandAnswer {
        this.#make(conversation(key, name, { sid: null, preview: null }));
        const problem = refusal('unique_name_taken');
        const entry = { key, action: 'create', conversation: name, subject: name, problem };
        setTimeout(() => this.#show({ kind: 'stuck', entries: [entry] }), 200);
        return { kind: 'conversation', key };
    }

    #attached(key: string, change: (files: FileToSend[]) => FileToSend[]): void {
        this.#change(key, { attached: change(this.#list.get(key)?.attached ?? []) });
    }

    async #send(key: string, body: string, files: FileToSend[] = []): Promise<void> {
        const media = (part: number | null) =>
            files.map((file) => echoed(file, part === null ? null : file.size * part));
        const words = message(null, me.identity, body, Date.now());
        const echo = { ...words, key: crypto.randomUUID(), media: media(0) };
        const timeline = (row: MessageRow): ViewDiff => ({
            kind: 'timeline',
            conversation: key,
            upsert: [row],
            removed: [],
            reset: false,
            ends: { has_older: this.#state === 'many', has_newer: false, loading: false },
        });
        this.#show(timeline(echo));
        for (const part of files.length > 0 ? [0.3, 0.6, 0.9] : []) {
            await delay(300);
            this.#show(timeline({ ...echo, media: media(part) }));
        }
        await delay(400);
        const index = 20_000 + (this.#rows.get(key)?.length ?? 0);
        this.#show(timeline({ ...echo, index, sid: `IM${index}`, state: 'sent', media: media(null) }));
    }

    async #files(before: number | null): Promise<CommandAnswer> {
        await delay(200);
        const to = before ?? this.#first;
        const from = Math.max(0, to - 100);
        const messages = history(from, to)
            .filter((_, index) => index % 4 === 0)
            .map((message, index) =>
                withFiles(
                    message,
                    index % 3 === 0 ? media(`notes-${from + index}.pdf`) : photo(`pier-${from + index}.jpg`),
                ),
            );
        return { kind: 'files', messages, next: from === 0 ? null : from };
    }

    async #older(): Promise<void> {
        await delay(300);
        const to = this.#first;
        this.#first = Math.max(0, to - 50);
        this.#show({
            kind: 'timeline',
            conversation: '1',
            upsert: history(this.#first, to),
            removed: [],
            reset: false,
            ends: { has_older: this.#first > 0, has_newer: false, loading: false },
        });
    }

    async startWorkspace(input: { workspaceName: string }): Promise<void> {
        await delay(600);
        this.#begin(input.workspaceName);
    }

    async joinWorkspace(input: { link: string }): Promise<void> {
        await delay(300);
        throw input.link.startsWith('confab://') ? refusal('invite_expired') : refusal('not_an_invite');
    }

    async signIn(): Promise<void> {
        await delay(300);
        throw refusal('wrong_password');
    }

    async signOut(): Promise<void> {
        this.#show({ kind: 'reset' }, { kind: 'session', session: null });
    }

    async workspaceLink(): Promise<string> {
        return 'confab://workspace/1/eyJ3IjoiSVMwMSIsImEiOlsiMTI3LjAuMC4xOjc0MjAiXX0';
    }

    async setReach(reach: 'computer' | 'network'): Promise<void> {
        const host = reach === 'network' ? '192.168.1.20' : '127.0.0.1';
        this.#hosting = { reach, addresses: [`${host}:7420`] };
        this.#emit([{ kind: 'hosting', hosting: this.#hosting }]);
    }

    async setSetting(): Promise<void> {
        // Nothing is kept.
    }

    async stageFile(file: File): Promise<FileToSend> {
        await delay(300);
        return staged(file, crypto.randomUUID());
    }

    async stageOffered(number: number): Promise<FileToSend> {
        await delay(100);
        const file = offered.find((other) => other.number === number);
        if (!file) throw refusal('file_unreadable');
        return staged({ name: file.name, type: file.content_type, size: file.size }, crypto.randomUUID());
    }

    async pasteFiles(): Promise<OfferedFile[]> {
        return [];
    }

    mediaUrl(address: string): string {
        return drawn(address);
    }

    async saveMedia({ media, size }: SaveInput): Promise<void> {
        const tell = (save: SaveView) => this.#emit([{ kind: 'save', save }]);
        for (const part of [0.2, 0.5, 0.8]) {
            tell({ media, state: 'running', received: size * part, size });
            await delay(300);
        }
        tell({ media, state: 'saved', received: size, size });
    }

    async stopSaving(media: string): Promise<void> {
        this.#emit([{ kind: 'save', save: { media, state: 'stopped', received: 0, size: 0 } }]);
    }

    async openSaved(): Promise<void> {
        throw refusal('cannot_open');
    }

    async revealSaved(): Promise<void> {
        throw refusal('not_saved');
    }

    async windowReady(): Promise<void> {
        document.documentElement.dataset.ready = 'true';
    }

    async quit(): Promise<void> {
        window.close();
    }

    /** Works the window as a person would: `testid` clicks, `testid=text` types, `testid:hover` points. */
    async press(steps: string[]): Promise<void> {
        for (const step of steps) {
            await delay(150);
            const [testid = '', text] = step.split('=');
            const element = document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
            if (
                text !== undefined &&
                (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
            ) {
                element.value = text;
                element.dispatchEvent(new Event('input', { bubbles: true }));
            } else element?.click();
        }
    }
}
