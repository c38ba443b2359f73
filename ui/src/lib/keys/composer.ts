/** What a key press in a text field asks for. One place, because Enter also ends the input of a composed word. */

export interface KeyPress {
    key: string;
    keyCode: number;
    isComposing: boolean;
    shiftKey: boolean;
    ctrlKey: boolean;
    altKey: boolean;
    metaKey: boolean;
}

/**
 * The key belongs to an input method. WebKit reports the end of the composition before the Enter that ended it,
 * and then only the key code 229 tells.
 */
export function isComposing(press: Pick<KeyPress, 'isComposing' | 'keyCode'>): boolean {
    return press.isComposing || press.keyCode === 229;
}

export type WritingAction = 'send' | 'edit_last' | 'cancel' | null;

export function writingAction(press: KeyPress, text: string): WritingAction {
    if (isComposing(press)) return null;
    if (press.ctrlKey || press.altKey || press.metaKey || press.shiftKey) return null;
    if (press.key === 'Enter') return 'send';
    if (press.key === 'ArrowUp' && text === '') return 'edit_last';
    if (press.key === 'Escape') return 'cancel';
    return null;
}
