import { locale } from '$lib/i18n/locale';

const units = ['KB', 'MB', 'GB'] as const;
const step = 1024;

/** Names are the same in every language that writes from left to right; whole numbers from ten on need no more. */
function amount(value: number): string {
    const digits = value < 10 ? 1 : 0;
    return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

function scaled(bytes: number): { value: number; unit: (typeof units)[number]; size: number } {
    let [value, size] = [bytes / step, step];
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
        value /= step;
        size *= step;
        unit += 1;
    }
    return { value, unit: units[unit] ?? 'GB', size };
}

/** "412 KB", "2.6 MB": what a person wants to know of a length. Something is never nothing. */
export function sizeLabel(bytes: number): string {
    const { value, unit } = scaled(bytes);
    return `${amount(bytes > 0 ? Math.max(value, 0.1) : 0)} ${unit}`;
}

/** A part of a length, in the unit of the whole and without its name. */
export function partLabel(part: number, whole: number): string {
    return amount(Math.min(part, whole) / scaled(whole).size);
}
