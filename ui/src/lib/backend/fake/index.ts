/**
 * A shell that is not there, for `vite dev` in a browser and for pictures. What is shown is chosen in the address:
 * `?state=chat&theme=dark&press=details-toggle`; see `states` below.
 */
import type { Backend } from '../backend';
import type { AppEvent, Command, CommandAnswer, Hosting, MessageRow, Problem, ViewDiff } from '../generated';
import { conversation, conversations, devices, history, me, message, messages, roster } from './data';

const rights = {
    send: true,
    add_participant: true,
    remove_participant: true,
    rename: true,
    set_role: true,
    configure: true,
    leave: true,
    delete: true,
};
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
    #first = 9900;
    #hosting: Hosting | null = { reach: 'computer', addresses: ['127.0.0.1:7420'] };
    readonly #state: string;

    constructor(private readonly query: URLSearchParams) {
        this.#state = query.get('state') ?? 'welcome';
    }

    async subscribe(onEvents: (events: AppEvent[]) => void) {
        this.#emit = onEvents;
        const signedIn = this.#state !== 'welcome';
        if (signedIn) this.#begin();
        const settings = Object.fromEntries(this.query);
        return { version: '0.1.0', platform: 'linux', settings, hosting: this.#hosting, signed_in: signedIn };
    }

    #show(...diffs: ViewDiff[]): void {
        this.#emit([{ kind: 'view', diffs }]);
    }

    #begin(workspace = 'Fjordline'): void {
        const none = this.#state === 'none';
        const offline = this.#state === 'offline';
        const session = {
            workspace: 'IS1',
            workspace_name: workspace,
            identity: me.identity,
            friendly_name: me.name,
            role: 'owner' as const,
        };
        this.#show(
            { kind: 'reset' },
            { kind: 'session', session },
            { kind: 'connection', state: offline ? 'disconnected' : 'connected', retry_at: null },
            { kind: 'conversations', upsert: none ? [] : conversations(), removed: [], loaded: true },
            { kind: 'unread_total', unread: none ? 0 : 19, mentions: 0 },
        );
        if (['none', 'list'].includes(this.#state)) return;
        this.#open('1');
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
                rights,
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
            { kind: 'roster', conversation: key, upsert: roster(), removed: [], complete: true },
        );
    }

    async dispatch(command: Command): Promise<CommandAnswer> {
        switch (command.kind) {
            case 'open':
                if (command.conversation === null) {
                    this.#show({ kind: 'opened', conversation: null, rights, new_after: null, new_count: 0 });
                } else this.#open(command.conversation);
                break;
            case 'send':
                void this.#send(command.conversation, command.body);
                break;
            case 'load_older':
                void this.#older();
                break;
            case 'add_participant':
                throw refusal('not_found', { what: 'user' });
            case 'list_devices':
                return { kind: 'devices', devices: devices() };
            case 'create_conversation': {
                const key = crypto.randomUUID();
                const row = conversation(key, command.name, { activity_at: Date.now(), preview: null });
                this.#show({ kind: 'conversations', upsert: [row], removed: [], loaded: true });
                this.#open(key);
                return { kind: 'conversation', key };
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

    async #send(key: string, body: string): Promise<void> {
        const echo = { ...message(null, me.identity, body, Date.now()), key: crypto.randomUUID() };
        const timeline = (row: MessageRow): ViewDiff => ({
            kind: 'timeline',
            conversation: key,
            upsert: [row],
            removed: [],
            reset: false,
            ends: { has_older: this.#state === 'many', has_newer: false, loading: false },
        });
        this.#show(timeline(echo));
        await delay(400);
        const index = 20_000 + (this.#rows.get(key)?.length ?? 0);
        this.#show(timeline({ ...echo, index, sid: `IM${index}`, state: 'sent' }));
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
