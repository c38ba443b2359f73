import type { Problem } from '$lib/backend';

/** The wire's greatest message, in bytes of UTF-8. */
export const bodyBytes = 32 * 1024;
export const nameChars = 256;
export const workspaceNameChars = 128;
export const passwordMinChars = 8;

/** The refusal that a text would get, before it is sent. */
export function tooLong(text: string): Problem | null {
    // No character takes more than three bytes per UTF-16 unit: short texts need no counting.
    if (text.length * 3 <= bodyBytes) return null;
    const actual = new TextEncoder().encode(text).length;
    return actual > bodyBytes
        ? { code: 'too_large', params: { field: 'body', limit: bodyBytes, actual } }
        : null;
}
