import type { LeftView, PublicView } from '../generated';

const minute = 60_000;
const hour = 60 * minute;

/** The directory, in two pages. */
export function directory(after: string | null): { conversations: PublicView[]; next: string | null } {
    const now = Date.now();
    const place = (sid: string, name: string, more: Partial<PublicView> = {}): PublicView => ({
        sid: `CH${sid}`,
        name,
        unique_name: null,
        created_by: 'maren',
        participants_count: 12,
        last_message_at: now - 3 * hour,
        state: 'active',
        uber: false,
        ...more,
    });
    if (after !== null) return { conversations: [place('p9', 'Winter timetable')], next: null };
    return {
        conversations: [
            place('p1', 'Harbour', { unique_name: 'harbour', participants_count: 31 }),
            place('p2', 'Ferry photos', { last_message_at: null, participants_count: 1, created_by: 'long' }),
            place('p3', 'Announcements', { uber: true, participants_count: 204 }),
            place('p4', 'Regatta 2025', { state: 'closed', last_message_at: now - 900 * hour }),
            place('p5', 'Onboarding – spring cohort and returning seasonal staff of all three harbours'),
        ],
        next: 'CHp5',
    };
}

/** Conversations that one has left. */
export function left(): LeftView[] {
    const now = Date.now();
    return [
        { sid: 'CHp1', name: 'Harbour', left_at: now - 30 * hour },
        { sid: 'CHgone', name: 'Summer rota', left_at: now - 800 * hour },
    ];
}
