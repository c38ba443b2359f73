/** What the server takes of files. */
export interface FileLimits {
    /** Longest file, in bytes. */
    bytes: number;
    /** Files of one message. */
    count: number;
    /** Types that are taken, such as `image/*`; empty: all. */
    allowed: readonly string[];
    /** Types that are not, whatever is allowed. */
    denied: readonly string[];
}

/** Until the server has said more. */
export const usualLimits: FileLimits = { bytes: 150 * 1024 * 1024, count: 10, allowed: [], denied: [] };

export type FileRefusal = 'too_large' | 'unsupported_type' | null;

function covers(rule: string, type: string): boolean {
    const essence = (type.split(';')[0] ?? '').trim().toLowerCase();
    const [kind, form] = rule.toLowerCase().split('/');
    if (form !== '*') return essence === rule.toLowerCase();
    return kind === '*' || essence.startsWith(`${kind ?? ''}/`);
}

/** Why a file would be refused, before a byte of it is copied. */
export function refusalOf(file: { type: string; size: number }, limits: FileLimits): FileRefusal {
    if (file.size > limits.bytes) return 'too_large';
    const allowed = limits.allowed.length === 0 || limits.allowed.some((rule) => covers(rule, file.type));
    return allowed && !limits.denied.some((rule) => covers(rule, file.type)) ? null : 'unsupported_type';
}
