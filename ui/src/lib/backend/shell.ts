/** What the shell itself says, beside the view of the core. The same shapes as in the shell's `bridge` types. */
import type { Problem, ViewDiff } from './generated';

export type Reach = 'computer' | 'network';

/** This computer serves the workspace. */
export interface Hosting {
    reach: Reach;
    /** `host:port`, as it stands in links. */
    addresses: string[];
}

export interface AppInfo {
    version: string;
    /** `linux`, `macos`, `windows`. */
    platform: string;
    settings: Record<string, string>;
    hosting: Hosting | null;
    signed_in: boolean;
}

export type AppEvent =
    | { kind: 'view'; diffs: ViewDiff[] }
    | { kind: 'join_link'; link: string }
    | { kind: 'notice'; problem: Problem; sticky: boolean }
    | { kind: 'hosting'; hosting: Hosting | null };
