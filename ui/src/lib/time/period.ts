/** Periods of ISO 8601 as the protocol has them: weeks, days, hours, minutes and seconds. */
const pattern = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const units = ['week', 'day', 'hour', 'minute', 'second'] as const;

/** Those that one can choose from. */
export const periods = ['PT1H', 'P1D', 'P7D', 'P30D', 'P90D', 'P365D'] as const;

/** "7 days", "1 hour 30 minutes"; what cannot be read stays as it is. */
export function periodLabel(period: string, locale: string): string {
    const found = pattern.exec(period);
    if (!found) return period;
    const parts = units.flatMap((unit, at) => {
        const amount = Number(found[at + 1] ?? 0);
        if (amount === 0) return [];
        return [new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(amount)];
    });
    return parts.join(' ') || period;
}
