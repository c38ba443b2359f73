/** All shortcuts, as the list shows them. Labels are message ids. */
export interface ShortcutGroup {
    title: string;
    entries: { label: string; keys: string }[];
}

const entry = (label: string, keys: string) => ({ label: `shortcut-${label}`, keys });

export const shortcutGroups: ShortcutGroup[] = [
    {
        title: 'shortcuts-go',
        entries: [
            entry('switcher', 'Ctrl+K'),
            entry('next', 'Alt+↓'),
            entry('previous', 'Alt+↑'),
            entry('next-unread', 'Alt+Shift+↓'),
            entry('previous-unread', 'Alt+Shift+↑'),
            entry('read', 'Esc'),
            entry('all-read', 'Shift+Esc'),
        ],
    },
    {
        title: 'shortcuts-message',
        entries: [
            entry('message-move', '↑+↓'),
            entry('message-edit', 'E'),
            entry('message-copy', 'C'),
            entry('message-unread', 'U'),
            entry('message-seen', 'S'),
            entry('message-profile', 'P'),
            entry('message-delete', 'Delete'),
        ],
    },
    {
        title: 'shortcuts-write',
        entries: [
            entry('send', 'Enter'),
            entry('newline', 'Shift+Enter'),
            entry('edit-last', '↑'),
            entry('cancel', 'Esc'),
        ],
    },
    {
        title: 'shortcuts-window',
        entries: [
            entry('new', 'Ctrl+N'),
            entry('directory', 'Ctrl+J'),
            entry('details', 'Ctrl+.'),
            entry('settings', 'Ctrl+,'),
            entry('text-larger', 'Ctrl+Plus'),
            entry('text-smaller', 'Ctrl+-'),
            entry('list', 'Ctrl+/'),
            entry('quit', 'Ctrl+Q'),
        ],
    },
];
