import type { Attachment } from 'svelte/attachments';

/** Lets a text area grow with its text, up to its greatest height. */
export function growing(text: () => string): Attachment<HTMLTextAreaElement> {
    return (field) => {
        text();
        field.style.height = 'auto';
        field.style.height = `${field.scrollHeight}px`;
        field.style.overflowY = field.scrollHeight > field.clientHeight + 1 ? 'auto' : 'hidden';
    };
}
