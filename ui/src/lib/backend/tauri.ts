import { Channel, convertFileSrc, invoke } from '@tauri-apps/api/core';
import type { Backend } from './backend';
import { asProblem } from './problem';
import type { AppEvent, FileToSend } from './generated';

/** Bytes of a file that cross to the shell at once. */
const piece = 2 * 1024 * 1024;

async function call<T>(
    command: string,
    args?: Record<string, unknown> | Uint8Array,
    headers: Record<string, string> = {},
): Promise<T> {
    try {
        return await invoke<T>(command, args, { headers });
    } catch (error) {
        throw asProblem(error);
    }
}

async function stageFile(file: File, signal: AbortSignal): Promise<FileToSend> {
    const contentType = file.type || 'application/octet-stream';
    const number = await call<number>('stage_file', { name: file.name, contentType, size: file.size });
    try {
        for (let from = 0; from < file.size; from += piece) {
            signal.throwIfAborted();
            const bytes = new Uint8Array(await file.slice(from, from + piece).arrayBuffer());
            await call('stage_piece', bytes, { 'confab-file': String(number) });
        }
        signal.throwIfAborted();
    } catch (error) {
        await call('give_up_file', { number });
        throw asProblem(error);
    }
    return call('finish_file', { number });
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
    stageFile,
    stageOffered: (number) => call('stage_offered', { number }),
    pasteFiles: () => call('paste_files'),
    mediaUrl: (address) => convertFileSrc(address, 'confab-media'),
    saveMedia: (input) => call('save_media', { ...input }),
    stopSaving: (media) => call('stop_saving', { media }),
    openSaved: (media) => call('open_saved', { media }),
    revealSaved: (media) => call('reveal_saved', { media }),
    windowReady: () => call('window_ready'),
    quit: () => call('quit'),
};
