import { isComposing, type KeyPress } from './composer';

export type Shortcut =
    | 'switcher'
    | 'new_conversation'
    | 'directory'
    | 'settings'
    | 'details'
    | 'shortcuts'
    | 'quit'
    | 'previous'
    | 'next'
    | 'previous_unread'
    | 'next_unread'
    | 'all_read'
    | 'larger_text'
    | 'smaller_text'
    | 'normal_text';

const withControl: Record<string, Shortcut> = {
    k: 'switcher',
    q: 'quit',
    n: 'new_conversation',
    j: 'directory',
    ',': 'settings',
    '.': 'details',
    '/': 'shortcuts',
    '+': 'larger_text',
    '=': 'larger_text',
    '-': 'smaller_text',
    '0': 'normal_text',
};

/** What a key press anywhere in the window asks for; null when it is none of its shortcuts. */
export function shortcutOf(press: KeyPress, platform: string): Shortcut | null {
    if (isComposing(press)) return null;
    const control = platform === 'macos' ? press.metaKey : press.ctrlKey;
    if (control && !press.altKey) return withControl[press.key.toLowerCase()] ?? null;
    if (press.key === 'Escape' && press.shiftKey && !press.altKey) return 'all_read';
    if (!press.altKey || press.ctrlKey || press.metaKey) return null;
    if (press.key === 'ArrowUp') return press.shiftKey ? 'previous_unread' : 'previous';
    if (press.key === 'ArrowDown') return press.shiftKey ? 'next_unread' : 'next';
    return null;
}

/** The caps of a shortcut, `Ctrl+Shift+K` → `⌘ ⇧ K` on a Mac. */
export function caps(keys: string, platform: string): string[] {
    const mac: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧' };
    return keys.split('+').map((cap) => {
        if (cap === 'Plus') return '+';
        return platform === 'macos' ? (mac[cap] ?? cap) : cap;
    });
}
