import type { AppEvent, AppInfo, Command, CommandAnswer, Reach } from './generated';

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

export interface SignInInput {
    address: string;
    name: string;
    password: string;
}
