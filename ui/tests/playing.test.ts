import { afterEach, describe, expect, it, vi } from 'vitest';
import { gather, playAddress, playedKind } from '../src/lib/files/playing';

const mebibyte = 1024 * 1024;
const film = { size: 2 * mebibyte + 5, sniffed_type: 'video/webm' };

/** A shell that gives what is asked for, and `most` bytes at once. */
function shell(most = mebibyte): string[] {
    const asked: string[] = [];
    vi.stubGlobal('fetch', (_: string, { headers }: { headers: { range: string } }) => {
        asked.push(headers.range);
        const [first = 0, last = 0] = headers.range.slice('bytes='.length).split('-').map(Number);
        return Promise.resolve(new Response(new Uint8Array(Math.min(most, last - first + 1))));
    });
    return asked;
}

describe('a film or a sound', () => {
    afterEach(() => vi.unstubAllGlobals());

    it('is what its first bytes say, whatever it is called', () => {
        expect(playedKind({ sniffed_type: 'video/mp4' })).toBe('video');
        expect(playedKind({ sniffed_type: 'audio/x-wav' })).toBe('audio');
        expect(playedKind({ sniffed_type: 'image/png' })).toBe(null);
        expect(playedKind({ sniffed_type: null })).toBe(null);
    });

    it('has an address once its message has a name', () => {
        expect(playAddress('CH1', 'IM1', 'ME1')).toBe('CH1.IM1.ME1.play');
        expect(playAddress('CH1', null, 'ME1')).toBe(null);
    });

    it('is gathered stretch by stretch, each behind what has come', async () => {
        const asked = shell();
        const told: number[] = [];
        const blob = await gather('a', film, new AbortController().signal, (part) => told.push(part));
        expect(asked).toEqual(['bytes=0-1048575', 'bytes=1048576-2097151', 'bytes=2097152-2097156']);
        expect(told).toEqual([mebibyte, 2 * mebibyte, film.size]);
        expect([blob.size, blob.type]).toEqual([film.size, 'video/webm']);
        const sound = { size: 1, sniffed_type: 'audio/m4a' };
        expect((await gather('a', sound, new AbortController().signal, () => undefined)).type).toBe(
            'audio/mp4',
        );
        const short = shell(mebibyte - 1);
        const whole = await gather('a', film, new AbortController().signal, () => undefined);
        expect([whole.size, short[1]]).toEqual([film.size, 'bytes=1048575-2097150']);
    });

    it('is not gathered for ever when nothing comes, or it may not be seen', async () => {
        shell(0);
        const never = new AbortController().signal;
        await expect(gather('a', film, never, () => undefined)).rejects.toThrow('nothing came');
        vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 404 })));
        await expect(gather('a', film, never, () => undefined)).rejects.toThrow('404');
    });
});
