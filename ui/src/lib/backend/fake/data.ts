import type { ConversationRow, Device, MessageRow } from '../generated';
import { echoed, media, photo, staged, withFiles } from './files';

const minute = 60_000;
const hour = 60 * minute;

export const me = { identity: 'ingrid', name: 'Ingrid Solheim' };

export const names: Record<string, string> = {
    ingrid: me.name,
    maren: 'Maren Lindqvist',
    jonas: 'Jonas Weber',
    aiko: 'Aiko Tanaka',
    tomas: 'Tomás Herrera',
    olufemi: 'Olufemi Adeyemi-Bankole',
    long: 'Maximiliane Constanze von und zu Hohenfels-Rabenstein, Hafenmeisterei',
};

export const nameOf = (identity: string): string => names[identity] ?? identity;

export function conversation(
    key: string,
    name: string,
    more: Partial<ConversationRow> = {},
): ConversationRow {
    return {
        key,
        sid: `CH${key.padStart(32, '0')}`,
        name,
        unique_name: null,
        peer: null,
        public_join: false,
        uber: false,
        state: 'active',
        timers: {},
        activity_at: Date.now() - 4 * minute,
        preview_author: 'Maren Lindqvist',
        preview_own: false,
        preview: 'Room 3 is ours from nine',
        preview_files: null,
        attached: [],
        unread: 0,
        mentions: 0,
        notification_level: 'default',
        role: 'owner',
        participants_count: 5,
        draft: '',
        typing: [],
        going: false,
        failed: false,
        left: false,
        ...more,
    };
}

export function conversations(): ConversationRow[] {
    const now = Date.now();
    return [
        conversation('1', 'Release 2.4', {
            activity_at: now,
            preview_own: true,
            preview: 'Aiko, take the long lens with you, the board is hard to read from the quay.',
            typing: ['Aiko Tanaka', 'Tomás Herrera'],
        }),
        conversation('2', 'Berths', { activity_at: now - minute, typing: ['Aiko Tanaka'], unread: 2 }),
        conversation('3', 'Design review', { activity_at: now - 8 * minute, unread: 4, mentions: 1 }),
        conversation('4', 'Incidents', { activity_at: now - 25 * minute, unread: 12 }),
        conversation('5', 'Pier 7', {
            activity_at: now - hour,
            draft: 'Could you look at the pier 7 times before I print them?',
        }),
        conversation('6', 'Lunch', {
            activity_at: now - 2 * hour,
            notification_level: 'muted',
            unread: 38,
            preview: 'Ramen, or the place by the water?',
        }),
        conversation('7', 'Onboarding – spring cohort and returning seasonal staff of all three harbours', {
            activity_at: now - 26 * hour,
            unread: 1,
        }),
        conversation('8', 'Night shift', { activity_at: now - 28 * hour, failed: true }),
        conversation('13', 'Aiko Tanaka', {
            activity_at: now - 30 * hour,
            peer: 'aiko',
            participants_count: 2,
            preview_author: 'Aiko Tanaka',
            preview: 'I am at the quay until five.',
        }),
        conversation('14', 'Regatta 2025', { activity_at: now - 50 * hour, state: 'closed' }),
        conversation('15', 'Dredging', {
            activity_at: now - 60 * hour,
            state: 'inactive',
            public_join: true,
        }),
        conversation('9', 'Customer letters', {
            activity_at: now - 72 * hour,
            preview_own: true,
            preview: 'pier-7-dawn.jpg',
            preview_files: { kind: 'photo', name: 'pier-7-dawn.jpg', count: 1 },
        }),
        conversation('10', 'Timetable import', { activity_at: now - 96 * hour, left: true, preview: null }),
        conversation('11', 'حركة الميناء', {
            activity_at: now - 400 * hour,
            preview: 'إلى اللقاء في الميناء',
        }),
        conversation('12', '', { activity_at: now - 500 * hour, preview: null }),
    ];
}

export function message(index: number | null, author: string, body: string, at: number): MessageRow {
    const own = author === me.identity;
    return {
        key: `m${index ?? body}`,
        sid: index === null ? null : `IM${index}`,
        index,
        author,
        author_name: nameOf(author),
        own,
        body,
        at,
        state: index === null ? 'sending' : 'sent',
        problem: null,
        edited: false,
        can_edit: own,
        can_remove: own,
        subject: null,
        media: [],
    };
}

export function messages(): MessageRow[] {
    const now = Date.now();
    const failed = message(
        null,
        'ingrid',
        'Aiko, take the long lens with you, the board is hard to read.',
        now,
    );
    return [
        message(
            400,
            'maren',
            'Notes from the walkthrough are in. Two things left before we tag.',
            now - 26 * hour,
        ),
        message(401, 'maren', 'Everything else can wait for 2.5.', now - 26 * hour + minute),
        message(
            403,
            'jonas',
            'Found it. The import reads the holiday calendar and the base calendar, so every departure on the 28th matches twice:\n\n  select stop_id, departs_at, count(*)\n  from departures',
            now - 25 * hour,
        ),
        withFiles(
            message(405, 'tomas', 'Pier 7 this morning. First boat left on the minute.', now - 3 * hour),
            photo('pier-7-dawn.jpg'),
        ),
        withFiles(
            message(407, 'tomas', '', now - 2.95 * hour),
            photo('quay.jpg'),
            photo('fog.jpg', 900, 1200),
            photo('board.jpg'),
        ),
        withFiles(
            message(408, 'tomas', '', now - 2.94 * hour),
            media('departures-winter-all-piers-and-berths.csv', { size: 421_000 }),
        ),
        message(
            406,
            'long',
            'DonaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftDonaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
            now - 2.9 * hour,
        ),
        {
            ...message(
                417,
                'ingrid',
                'Then let us ship the calendar fix today and give the berth list until Friday. I will write the rollback notes.',
                now - 40 * minute,
            ),
            edited: true,
        },
        message(
            418,
            'jonas',
            'Fix is merged. I ran last winter’s data through it and every departure leaves exactly once.',
            now - 20 * minute,
        ),
        message(
            419,
            'maren',
            'Could you tag it at four? Aiko will watch the boards at pier 7 while it rolls out. <b>No HTML</b> here.',
            now - 12 * minute,
        ),
        message(420, 'maren', 'And nobody touches the berth list after lunch, please.', now - 11 * minute),
        withFiles(
            message(421, 'ingrid', 'Tagging at four. Here is the checklist.', now - 4 * minute),
            media('Rollback notes 2.3.pdf', { sniffed_type: 'application/pdf' }),
        ),
        message(422, 'aiko', 'شكرًا، سأكون هناك في الرابعة', now - 3 * minute),
        withFiles(
            message(null, 'ingrid', 'Rollback notes are in the folder.', now - 2 * minute),
            echoed(
                staged(
                    { name: 'Rollback notes 2.4 – final.pdf', type: 'application/pdf', size: 2_726_297 },
                    'a',
                ),
                1_677_721,
            ),
        ),
        { ...failed, state: 'failed', problem: { code: 'conversation_closed', params: {} } },
    ];
}

/** A long history, by index. */
export function history(from: number, to: number): MessageRow[] {
    const authors = ['maren', 'jonas', 'ingrid', 'aiko', 'tomas'];
    const start = Date.now() - 10_000 * 7 * minute;
    return Array.from({ length: to - from }, (_, offset) => {
        const index = from + offset;
        const author = authors[Math.floor(index / 3) % authors.length] ?? 'maren';
        const words = 'The tide tables are printed and the boards are up. '.repeat(1 + ((index * 7) % 5));
        return message(index, author, `${index}: ${words}`, start + index * 7 * minute);
    });
}

export function devices(): Device[] {
    const device = (sid: string, name: string, ago: number): Device => ({
        sid,
        name,
        date_created: Date.now() - 400 * hour,
        last_seen: Date.now() - ago,
        current: sid === 'DV1',
    });
    return [device('DV1', 'harbour-office', 0), device('DV2', 'Ingrid’s laptop', 30 * hour)];
}
