/** The words are English so far; a system that speaks it in another country's way keeps its dates and times. */
export const locale: string = pickLocale(globalThis.navigator?.languages ?? []);

export function pickLocale(languages: readonly string[]): string {
    return languages.find((language) => /^en(-|$)/i.test(language)) ?? 'en';
}
