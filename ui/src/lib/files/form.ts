export type FileForm = 'picture' | 'film' | 'sound' | 'text' | 'table' | 'archive' | 'code' | 'other';

const endings: Record<string, FileForm> = Object.fromEntries(
    (
        [
            ['text', 'pdf txt md rtf doc docx odt epub tex log'],
            ['table', 'csv tsv xls xlsx ods numbers'],
            ['archive', 'zip gz tgz bz2 xz zst 7z rar tar'],
            ['code', 'sql js ts json xml html css py rs go c h cpp java sh yml yaml toml'],
        ] as const
    ).flatMap(([form, list]) => list.split(' ').map((ending) => [ending, form])),
);

const kinds: Record<string, FileForm> = { image: 'picture', video: 'film', audio: 'sound' };

/** What a file looks like in a list. A sign for the eye and nothing else: nobody relies on it. */
export function formOf(name: string, type: string): FileForm {
    const kind = kinds[type.split('/')[0] ?? ''];
    const ending = name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : '';
    return kind ?? endings[ending] ?? (type.startsWith('text/') ? 'text' : 'other');
}
