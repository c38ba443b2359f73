import { locale, t } from '$lib/i18n/fluent';
import { clock } from './clock.svelte';
import { activityLabel, dayLabel, fullTime, shortTime, timeOfDay } from './zone';

const words = () => ({ today: t('day-today'), yesterday: t('day-yesterday') });

export const labels = {
    time: (at: number) => timeOfDay(at, clock.zone, locale),
    short: (at: number) => shortTime(at, clock.zone, locale),
    full: (at: number) => fullTime(at, clock.zone, locale),
    day: (at: number) => dayLabel(at, clock.now, clock.zone, locale, words()),
    activity: (at: number) => activityLabel(at, clock.now, clock.zone, locale, words()),
};
