import type { StuckView } from '$lib/backend';

export type Dialog =
    | 'new_conversation'
    | 'directory'
    | 'invite'
    | 'switcher'
    | 'shortcuts'
    | 'leave'
    | 'close_conversation'
    | 'delete_conversation'
    | 'sign_out';
export type SettingsPage = 'profile' | 'appearance' | 'roles' | 'access' | 'shortcuts' | 'about';
export type DetailsTab = 'people' | 'media' | 'settings';

/** What is open in this window. Nothing here outlives it. */
class WindowState {
    dialog = $state<Dialog | null>(null);
    settings = $state<SettingsPage | null>(null);
    /** Key of the message that is being edited in its place. */
    editing = $state<string | null>(null);
    editText = $state('');
    /** What the name field of the next new conversation begins with. */
    suggestedName = $state('');
    /** Key of the conversation that the dialog is about. */
    target = $state<string | null>(null);
    /** What a form waits for and would say itself, were it refused. */
    claims = $state.raw<((entry: StuckView) => boolean) | null>(null);
    /** The details pane asks for the name of someone to add. */
    adding = $state(false);
    /** Which part of the details is shown. */
    detailsTab = $state<DetailsTab>('people');
    /** Whose profile lies open, and where. */
    card = $state<{ identity: string; x: number; y: number } | null>(null);
    /** The picture that is looked at: keys of its message and of itself. */
    viewing = $state<{ message: string; media: string } | null>(null);
    focused = $state(document.hasFocus());
    visible = $state(!document.hidden);
    narrow = $state(false);
    /** Messages from this index on were marked unread: reading waits until the conversation is opened again. */
    unreadKept = $state<number | null>(null);

    /** Asks something about a conversation. */
    askAbout(dialog: Dialog, conversation: string): void {
        this.target = conversation;
        this.dialog = dialog;
    }

    edit(message: { key: string; body: string }): void {
        this.editing = message.key;
        this.editText = message.body;
    }

    /** Closes what was open, for the one who comes next. */
    forget(): void {
        this.dialog = this.settings = this.editing = this.unreadKept = this.card = this.viewing = null;
        this.adding = false;
        this.detailsTab = 'people';
    }

    /** Follows focus, visibility and width of the window. */
    watch(): () => void {
        const look = () => {
            this.focused = document.hasFocus();
            this.visible = !document.hidden;
        };
        const width = matchMedia('(max-width: 719px)');
        const measure = () => (this.narrow = width.matches);
        measure();
        width.addEventListener('change', measure);
        const events = ['focus', 'blur'] as const;
        for (const event of events) window.addEventListener(event, look);
        document.addEventListener('visibilitychange', look);
        look();
        return () => {
            width.removeEventListener('change', measure);
            for (const event of events) window.removeEventListener(event, look);
            document.removeEventListener('visibilitychange', look);
        };
    }
}

export const ui = new WindowState();
