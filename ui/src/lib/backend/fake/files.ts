import type { FileToSend, MediaView, MessageRow, OfferedFile } from '../generated';

/** A picture in colours that follow from its name. */
export function drawn(name: string): string {
    const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
    const layer = (y: number, light: number) =>
        `<path d="M0 ${y} Q 200 ${y - 70} 400 ${y} T 800 ${y} V 600 H 0 Z" fill="hsl(${hue} 32% ${light}%)"/>`;
    const layers = [layer(300, 58), layer(380, 44), layer(460, 30)].join('');
    const ground = `<rect width="800" height="600" fill="hsl(${hue} 45% 80%)"/>`;
    const sun = '<circle cx="600" cy="150" r="60" fill="#fff3d6"/>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600">${ground}${sun}${layers}</svg>`;
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

export function media(name: string, more: Partial<MediaView> = {}): MediaView {
    return {
        sid: `ME-${name}`,
        kind: 'file',
        name,
        content_type: 'application/octet-stream',
        sniffed_type: null,
        size: 2_726_297,
        width: null,
        height: null,
        ready: true,
        staged: null,
        uploaded: null,
        ...more,
    };
}

export function photo(name: string, width = 1200, height = 900): MediaView {
    const type = 'image/jpeg';
    return media(name, {
        kind: 'photo',
        content_type: type,
        sniffed_type: type,
        size: 412_000,
        width,
        height,
    });
}

export function staged(file: { name: string; type: string; size: number }, id: string): FileToSend {
    const isPhoto = file.type.startsWith('image/');
    return {
        id,
        name: file.name,
        kind: isPhoto ? 'photo' : 'file',
        content_type: file.type,
        sniffed_type: isPhoto ? file.type : null,
        size: file.size,
        width: isPhoto ? 1200 : null,
        height: isPhoto ? 900 : null,
    };
}

/** How a file that was attached shows in its message. */
export function echoed(file: FileToSend, uploaded: number | null): MediaView {
    const { id, name, kind, content_type, sniffed_type, size, width, height } = file;
    const ready = uploaded === null;
    const about = { sid: `ME-${id}`, kind, content_type, sniffed_type, size, width, height, ready, uploaded };
    return media(name ?? '', { ...about, name, staged: ready ? null : id });
}

export function withFiles(message: MessageRow, ...files: MediaView[]): MessageRow {
    return { ...message, media: files };
}

export const offered: OfferedFile[] = [
    {
        number: 1,
        name: 'departures-28-nov-winter-timetable-all-piers.csv',
        content_type: 'text/csv',
        size: 421_000,
    },
    { number: 2, name: 'fog.jpg', content_type: 'image/jpeg', size: 1_204_000 },
];
