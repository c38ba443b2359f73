import { Channel, invoke } from '@tauri-apps/api/core';
import type { Backend } from './backend';
import { asProblem } from './problem';
import type { AppEvent } from './generated';

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
    try {
        return await invoke<T>(command, args);
    } catch (error) {
        throw asProblem(error);
    }
}

/** The shell's commands, by name. Thin on purpose: what is decided is decided in Rust. */
export const tauri: Backend = {
    subscribe(onEvents) {
        const channel = new Channel<AppEvent[]>();
        channel.onmessage = onEvents;
        return call('subscribe', { channel });
    },
    startWorkspace: (input) => call('start_workspace', { ...input }),
    joinWorkspace: (input) => call('join_workspace', { ...input }),
    signIn: (input) => call('sign_in', { ...input }),
    signOut: () => call('sign_out'),
    dispatch: (command) => call('dispatch', { command }),
    workspaceLink: () => call('workspace_link'),
    setReach: (reach) => call('set_reach', { reach }),
    setSetting: (key, value) => call('set_setting', { key, value }),
    windowReady: () => call('window_ready'),
    quit: () => call('quit'),
};
