import type { AppEvent, AppInfo, Command, CommandAnswer, FileToSend, OfferedFile, Reach } from './generated';

/** The one door to the shell. Every call fails with a `Problem`, never with anything else. */
export interface Backend {
    /** Starts the stream of events, in order and in batches. Called once. */
    subscribe(onEvents: (events: AppEvent[]) => void): Promise<AppInfo>;
    startWorkspace(input: StartInput): Promise<void>;
    joinWorkspace(input: JoinInput): Promise<void>;
    signIn(input: SignInInput): Promise<void>;
    signOut(): Promise<void>;
    dispatch(command: Command): Promise<CommandAnswer>;
    /** `confab://workspace/…`: where this workspace is, for one's other devices. Lets nobody in by itself. */
    workspaceLink(): Promise<string>;
    setReach(reach: Reach): Promise<void>;
    setSetting(key: string, value: string): Promise<void>;
    /** Brings a file of the page into the client's keeping, piece by piece. Nothing is kept of one that is given up. */
    stageFile(file: File, signal: AbortSignal): Promise<FileToSend>;
    /** The same for one that was dropped or pasted, by its number. */
    stageOffered(number: number): Promise<FileToSend>;
    /** Files and pictures of the clipboard that the page is not given. */
    pasteFiles(): Promise<OfferedFile[]>;
    /** Where a picture, a film or a sound is, for the page: see `addressOf` and `playAddress`. */
    mediaUrl(address: string): string;
    /** Saves a file of a message. How far it has come is told as events. */
    saveMedia(input: SaveInput): Promise<void>;
    stopSaving(media: string): Promise<void>;
    openSaved(media: string): Promise<void>;
    revealSaved(media: string): Promise<void>;
    /** The first list is on screen. */
    windowReady(): Promise<void>;
    quit(): Promise<void>;
}

export interface StartInput {
    workspaceName: string;
    displayName: string;
    reach: Reach;
    password: string | null;
}

export interface JoinInput {
    link: string;
    name: string;
    password: string;
}

export interface SaveInput {
    /** SIDs. */
    conversation: string;
    message: string;
    media: string;
    name: string | null;
    /** In bytes. */
    size: number;
    /** The person says where, in a dialog of the desktop; else it goes among their downloads. */
    ask: boolean;
}

export interface SignInInput {
    address: string;
    name: string;
    password: string;
}
