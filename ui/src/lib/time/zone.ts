/** Days and times as they are where the reader is. All take the zone, so that tests can be anywhere. */

const quarter = 15 * 60_000;
const day = 24 * 60 * 60_000;

export function systemZone(): string {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = JSON.stringify([locale, zone, options]);
    let made = formats.get(key);
    if (!made) {
        made = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
        formats.set(key, made);
    }
    return made;
}

const keys = new Map<string, Map<number, string>>();

/**
 * The local day as `2026-11-20`. Every zone's midnight falls on a quarter of an hour of UTC, so one look-up
 * serves all messages of that quarter.
 */
export function dayKey(at: number, zone: string): string {
    let ofZone = keys.get(zone);
    if (!ofZone) keys.set(zone, (ofZone = new Map()));
    const slot = Math.floor(at / quarter);
    let key = ofZone.get(slot);
    if (key === undefined) {
        // sv-SE writes dates as ISO 8601 does.
        key = format('sv-SE', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
        ofZone.set(slot, key);
    }
    return key;
}

/** How many calendar days lie between two local days; not affected by days of 23 or 25 hours. */
export function daysBetween(earlier: string, later: string): number {
    return Math.round((Date.parse(later) - Date.parse(earlier)) / day);
}

export function timeOfDay(at: number, zone: string, locale: string): string {
    return format(locale, zone, { hour: 'numeric', minute: '2-digit' }).format(at);
}

/** The time without its half of the day, for where there is room for digits only. */
export function shortTime(at: number, zone: string, locale: string): string {
    return format(locale, zone, { hour: 'numeric', minute: '2-digit' })
        .formatToParts(at)
        .filter((part) => part.type !== 'dayPeriod')
        .map((part) => part.value)
        .join('')
        .trim();
}

export function fullTime(at: number, zone: string, locale: string): string {
    return format(locale, zone, { dateStyle: 'full', timeStyle: 'short' }).format(at);
}

export interface RelativeWords {
    today: string;
    yesterday: string;
}

/** For the divider: "Today", "Yesterday", "Wednesday, 18 November", with the year when it is another. */
export function dayLabel(
    at: number,
    now: number,
    zone: string,
    locale: string,
    words: RelativeWords,
): string {
    const [key, today] = [dayKey(at, zone), dayKey(now, zone)];
    const ago = daysBetween(key, today);
    if (ago === 0) return words.today;
    if (ago === 1) return words.yesterday;
    const year = key.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric';
    return format(locale, zone, { weekday: 'long', day: 'numeric', month: 'long', year }).format(at);
}

/** For a row of the list: the time today, then "Yesterday", the weekday, the date. */
export function activityLabel(
    at: number,
    now: number,
    zone: string,
    locale: string,
    words: RelativeWords,
): string {
    const [key, today] = [dayKey(at, zone), dayKey(now, zone)];
    const ago = daysBetween(key, today);
    if (ago <= 0) return timeOfDay(at, zone, locale);
    if (ago === 1) return words.yesterday;
    if (ago < 7) return format(locale, zone, { weekday: 'short' }).format(at);
    const year = key.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric';
    return format(locale, zone, { day: 'numeric', month: 'short', year }).format(at);
}
