import { describe, expect, it } from 'vitest';
import { isComposing, writingAction, type KeyPress } from '../src/lib/keys/composer';
import { caps, shortcutOf } from '../src/lib/keys/shortcuts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
    key,
    keyCode: 0,
    isComposing: false,
    shiftKey: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    ...more,
});

describe('writing', () => {
    it('sends on Enter and makes a line on Shift+Enter', () => {
        expect(writingAction(press('Enter'), 'hi')).toBe('send');
        expect(writingAction(press('Enter', { shiftKey: true }), 'hi')).toBeNull();
    });

    it('never sends on the Enter that ends a composition', () => {
        expect(writingAction(press('Enter', { isComposing: true }), 'に')).toBeNull();
        // WebKit: compositionend comes first, then this keydown.
        expect(writingAction(press('Enter', { keyCode: 229 }), '日本')).toBeNull();
        expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
    });

    it('edits the last message on Up only when nothing is written', () => {
        expect(writingAction(press('ArrowUp'), '')).toBe('edit_last');
        expect(writingAction(press('ArrowUp'), 'a')).toBeNull();
        expect(writingAction(press('ArrowUp', { altKey: true }), '')).toBeNull();
    });
});

describe('shortcuts', () => {
    it('take Control, or Command on a Mac', () => {
        expect(shortcutOf(press('k', { ctrlKey: true }), 'linux')).toBe('switcher');
        expect(shortcutOf(press('k', { ctrlKey: true }), 'macos')).toBeNull();
        expect(shortcutOf(press('k', { metaKey: true }), 'macos')).toBe('switcher');
        expect(shortcutOf(press('k'), 'linux')).toBeNull();
    });

    it('walk the list with Alt, over unread ones with Shift', () => {
        expect(shortcutOf(press('ArrowDown', { altKey: true }), 'linux')).toBe('next');
        expect(shortcutOf(press('ArrowUp', { altKey: true, shiftKey: true }), 'linux')).toBe(
            'previous_unread',
        );
    });

    it('leave AltGr and compositions alone', () => {
        expect(shortcutOf(press('k', { ctrlKey: true, altKey: true }), 'linux')).toBeNull();
        expect(shortcutOf(press('k', { ctrlKey: true, isComposing: true }), 'linux')).toBeNull();
    });

    it('are drawn as the platform draws them', () => {
        expect(caps('Ctrl+Plus', 'linux')).toEqual(['Ctrl', '+']);
        expect(caps('Alt+Shift+↓', 'macos')).toEqual(['⌥', '⇧', '↓']);
    });
});
