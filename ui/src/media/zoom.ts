export interface Box {
    width: number;
    height: number;
}

/** A picture as large as the room lets it be, and never larger than it is. */
export function fit(picture: Box, room: Box): Box {
    const scale = Math.min(1, room.width / picture.width, room.height / picture.height);
    return { width: Math.floor(picture.width * scale), height: Math.floor(picture.height * scale) };
}

const steps = [1, 1.5, 2, 3, 4, 6, 8];

/** The next step of enlargement; the ends stay. */
export function stepZoom(zoom: number, by: 1 | -1): number {
    const at = steps.findIndex((step) => step >= zoom);
    return steps[Math.min(steps.length - 1, Math.max(0, at + by))] ?? 1;
}
