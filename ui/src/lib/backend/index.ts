import type { Backend } from './backend';
import { tauri } from './tauri';

export type { Backend, JoinInput, SaveInput, SignInInput, StartInput } from './backend';
export type * from './generated';
export { asProblem } from './problem';

/** The fake stands in where there is no shell: `vite dev` in a browser, and pictures. Production does not contain it. */
async function choose(): Promise<Backend> {
    if (import.meta.env.MODE === 'production' || '__TAURI_INTERNALS__' in window) return tauri;
    const { fakeBackend } = await import('./fake');
    return fakeBackend(new URLSearchParams(location.search));
}

export const backend: Backend = await choose();
