import { asProblem, backend } from '$lib/backend';
import { SvelteMap } from 'svelte/reactivity';
import type {
    AppEvent,
    AppInfo,
    Command,
    CommandAnswer,
    Hosting,
    NamedRole,
    OfferedFile,
    ParticipantRow,
    PresenceState,
    Problem,
    SaveView,
} from '$lib/backend';
import { ofDesktop } from '$lib/files/choose';
import { applyDiffs, emptyView, type Opened, type ViewState } from './view';
import { Attachments } from './attachments.svelte';
import { Drafts } from './drafts.svelte';
import { Settings } from './settings.svelte';
import { Toasts } from './toasts.svelte';

export type { Opened };

/** A place on screen that says a refusal itself, beside what was typed; true when it did. */
export type NoticeSink = (problem: Problem) => boolean;

/** What the window shows, as the core tells it, and the wishes that go back. */
class App {
    view = $state.raw<ViewState>(emptyView);
    info = $state.raw<AppInfo | null>(null);
    hosting = $state.raw<Hosting | null>(null);
    /** An invite link that the system handed over, until a form takes it. */
    joinLink = $state<string | null>(null);

    readonly toasts = new Toasts();
    readonly settings = new Settings(
        (key, value) => this.ask(() => backend.setSetting(key, value)),
        (key, value) => {
            if (this.view.session) void this.dispatch({ kind: 'set_setting', key, value });
        },
    );
    readonly drafts = new Drafts((conversation, body) => {
        if (this.view.session) void this.dispatch({ kind: 'draft', conversation, body });
    });

    readonly attachments = new Attachments((command) => backend.dispatch(command));
    /** Files of messages that are being saved or were, by their SIDs. */
    readonly saves = new SvelteMap<string, SaveView>();
    /** Files are dragged over the window. */
    dragged = $state(false);

    readonly open = $derived(this.view.opened);
    readonly openKey = $derived(this.view.opened?.key ?? null);
    readonly openRow = $derived(
        this.openKey === null
            ? null
            : (this.view.conversations.find((row) => row.key === this.openKey) ?? null),
    );
    readonly connected = $derived(this.view.connection.state === 'connected');
    readonly platform = $derived(this.info?.platform ?? 'linux');

    #sinks: NoticeSink[] = [];

    async start(): Promise<void> {
        this.info = await backend.subscribe((events) => this.#take(events));
        this.hosting = this.info.hosting;
        for (const save of this.info.saves) this.saves.set(save.media, save);
        this.settings.load(this.info.settings);
        // What was shown before this answer came may know better than this computer does.
        this.settings.follow(this.view.settings);
        if (!this.info.signed_in && this.view.session === undefined) {
            this.view = { ...this.view, session: null };
        }
    }

    /** How one shows oneself: what one says of being there, while there is a connection. */
    readonly ownPresence = $derived.by<PresenceState>(() => {
        if (!this.connected) return 'offline';
        const said = this.view.session?.status ?? 'online';
        return said === 'unknown' ? 'online' : said;
    });

    /** Whether somebody is there, as far as is known. */
    presenceOf(person: { identity: string; presence?: PresenceState | null }): PresenceState | null {
        if (person.identity === this.view.session?.identity) return this.ownPresence;
        return this.view.people.get(person.identity)?.presence ?? person.presence ?? null;
    }

    /** Whether a participant is here, however busy. */
    isHere(person: { identity: string; presence?: PresenceState | null }): boolean {
        const presence = this.presenceOf(person);
        return presence !== null && presence !== 'offline';
    }

    /** Says whether one is there. To say that one is needs no words. */
    setStatus(status: 'online' | 'away' | 'busy' | 'offline'): void {
        void this.dispatch({ kind: 'set_status', status: status === 'online' ? null : status });
    }

    /** The role of a participant, as far as it is known. */
    roleOf(person: ParticipantRow): NamedRole | undefined {
        return this.view.roles.find((role) => role.sid === person.role_sid);
    }

    /** Whether one may write in the open conversation. */
    get writable(): boolean {
        return this.open !== null && this.openRow !== null && !this.openRow.left && this.open.rights.send;
    }

    /** Asks what files the server takes. What it does not say stays as usual. */
    async learnLimits(): Promise<void> {
        const answer = await this.tryDispatch({ kind: 'file_limits' });
        if (!('kind' in answer) || answer.kind !== 'file_limits') return;
        const {
            file_bytes: bytes,
            per_message: count,
            allowed_types: allowed,
            denied_types: denied,
        } = answer;
        this.attachments.limits = { bytes, count, allowed, denied };
    }

    /** Forgets what belongs to the one who was signed in. */
    forgetFiles(): void {
        this.attachments.forgetAll();
        this.saves.clear();
    }

    /** Sends a wish; a refusal is said in a toast. Null when it was refused. */
    async dispatch(command: Command): Promise<CommandAnswer | null> {
        return this.ask(() => backend.dispatch(command));
    }

    /** For what goes on in the background, where a refusal is of no interest to anybody. */
    tell(command: Command): void {
        if (this.view.session) backend.dispatch(command).catch(() => undefined);
    }

    /** The same for a form that says the refusal itself. */
    async tryDispatch(command: Command): Promise<CommandAnswer | Problem> {
        return backend.dispatch(command).catch(asProblem);
    }

    async ask<T>(action: () => Promise<T>): Promise<T | null> {
        try {
            return await action();
        } catch (error) {
            this.refuse(asProblem(error));
            return null;
        }
    }

    refuse(problem: Problem, sticky = false): void {
        const said = this.#sinks.toReversed().some((sink) => sink(problem));
        if (!said) this.toasts.problem(problem, sticky);
    }

    /** Lets a place on screen say refusals until the function that comes back is called. */
    sayNotices(sink: NoticeSink): () => void {
        this.#sinks.push(sink);
        return () => (this.#sinks = this.#sinks.filter((other) => other !== sink));
    }

    openConversation(key: string | null): void {
        void this.dispatch({ kind: 'open', conversation: key });
    }

    #take(events: AppEvent[]): void {
        let view = this.view;
        for (const event of events) {
            if (event.kind === 'view') view = applyDiffs(view, event.diffs);
            else if (event.kind === 'hosting') this.hosting = event.hosting;
            else if (event.kind === 'notice') this.refuse(event.problem, event.sticky);
            else if (event.kind === 'drag') this.dragged = event.over;
            else if (event.kind === 'save') this.#saved(event.save);
            else if (event.kind === 'dropped') {
                this.#dropped(event.files);
            } else if (event.kind === 'join_link') this.joinLink = event.link;
        }
        const { notices } = view;
        if (view.settings !== this.view.settings) this.settings.follow(view.settings);
        this.view = notices.length === 0 ? view : { ...view, notices: [] };
        this.attachments.follow(this.view.conversations);
        this.drafts.forget(this.view.conversations, this.openKey);
        for (const problem of notices) this.refuse(problem);
    }

    /** Files were let fall on the window: they go with what is being written. */
    #dropped(files: readonly OfferedFile[]): void {
        const [open, row] = [this.open, this.openRow];
        if (open && row && this.writable) {
            this.attachments.add(row, files.map(ofDesktop), open.rights.send_media);
        }
    }

    #saved(save: SaveView): void {
        if (save.state === 'stopped') this.saves.delete(save.media);
        else this.saves.set(save.media, save);
    }
}

export const app = new App();
