/** Words of a profile that a person can read: what is neither empty nor made of parts. */
export function attributeLines(attributes: Record<string, unknown>): { name: string; value: string }[] {
    const lines: { name: string; value: string }[] = [];
    for (const [key, value] of Object.entries(attributes)) {
        const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
        if (text !== '') lines.push({ name: heading(key), value: text });
    }
    return lines.slice(0, most);
}

const most = 12;

/** `phone_number` and `phoneNumber` read "Phone number". */
function heading(key: string): string {
    const words = key
        .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
        .replace(/[_-]+/gu, ' ')
        .trim();
    const lower = words === words.toUpperCase() ? words : words.toLowerCase();
    return lower.charAt(0).toUpperCase() + lower.slice(1);
}
