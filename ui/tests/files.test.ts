import { describe, expect, it } from 'vitest';
import type { MediaView } from '../src/lib/backend/generated';
import { mayBeFiles } from '../src/lib/files/clipboard';
import { formOf } from '../src/lib/files/form';
import { refusalOf, usualLimits } from '../src/lib/files/limits';
import { splitName } from '../src/lib/files/name';
import { addressOf, filesOf, isPhoto, roomOf, wholeBytes } from '../src/lib/files/pictures';
import { partLabel, sizeLabel } from '../src/lib/files/size';
import { filesLabel, spoken } from '../src/lib/files/words';
import { fit, stepZoom } from '../src/media/zoom';
import { messageRow } from './rows';

function media(sid: string, more: Partial<MediaView> = {}): MediaView {
    return {
        sid,
        kind: 'photo',
        name: `${sid}.png`,
        content_type: 'image/png',
        sniffed_type: 'image/png',
        size: 5,
        width: 800,
        height: 600,
        ready: true,
        staged: null,
        uploaded: null,
        ...more,
    };
}

describe('a size', () => {
    it('is said as a person reads it', () => {
        expect([0, 1, 900, 421_000, 2_726_297, 40_000_000, 5e9].map(sizeLabel)).toEqual([
            '0 KB',
            '0.1 KB',
            '0.9 KB',
            '411 KB',
            '2.6 MB',
            '38 MB',
            '4.7 GB',
        ]);
        expect(sizeLabel(1024 * 1023.9)).toBe('1 MB');
    });

    it('has parts in the unit of the whole', () => {
        expect(partLabel(1_677_721, 2_726_297)).toBe('1.6');
        expect(partLabel(9, 5)).toBe(partLabel(5, 5));
    });
});

describe('a name', () => {
    it('keeps its end', () => {
        expect(splitName('departures-winter-all-piers.csv')).toEqual(['departures-winter-all-piers', '.csv']);
        expect(splitName('notes')).toEqual(['notes', '']);
        expect(splitName('.bashrc')).toEqual(['.bashrc', '']);
        expect(splitName('v2.a very long last part')).toEqual(['v2.a very long last part', '']);
    });

    it('says what the file looks like', () => {
        expect(formOf('a.csv', 'text/csv')).toBe('table');
        expect(formOf('a', 'image/png')).toBe('picture');
        expect(formOf('a.ZIP', 'application/zip')).toBe('archive');
        expect(formOf('a.of-the-future', 'text/plain')).toBe('text');
        expect(formOf('zip', 'application/octet-stream')).toBe('other');
    });
});

describe('limits', () => {
    const limits = { ...usualLimits, bytes: 10, allowed: ['image/*', 'text/plain'], denied: ['image/gif'] };
    const refuse = (type: string, size = 1) => refusalOf({ type, size }, limits);

    it('refuse before anything is copied', () => {
        expect(refuse('image/png', 10)).toBeNull();
        expect(refuse('image/png', 11)).toBe('too_large');
        expect(refuse('Text/Plain; charset=utf-8')).toBeNull();
        expect(refuse('image/gif')).toBe('unsupported_type');
        expect(refuse('application/zip')).toBe('unsupported_type');
        expect(refusalOf({ type: 'application/zip', size: 1 }, usualLimits)).toBeNull();
        expect(refusalOf({ type: 'a/b', size: 1 }, { ...usualLimits, denied: ['*/*'] })).toBe(
            'unsupported_type',
        );
    });
});

describe('what is pasted', () => {
    it('may be files when it is nothing or nothing but paths', () => {
        expect(mayBeFiles('')).toBe(true);
        expect(mayBeFiles('file:///home/ada/a.png\r\n/home/ada/b.png\n')).toBe(true);
        expect(mayBeFiles('x-special/nautilus-clipboard\ncopy\nfile:///home/ada/a.png\n')).toBe(true);
        expect(mayBeFiles('cut\nfile:///home/ada/a.png')).toBe(true);
        expect(mayBeFiles('copy that\nfile:///home/ada/a.png')).toBe(false);
        expect(mayBeFiles('and/or')).toBe(false);
        expect(mayBeFiles('/home/ada/a.png\nand some words')).toBe(false);
    });
});

describe('pictures', () => {
    it('get their room before they are there', () => {
        expect(roomOf({ width: 1200, height: 900 })).toEqual({ width: 400, ratio: 4 / 3 });
        expect(roomOf({ width: 900, height: 1800 }).width).toBe(210);
        expect(roomOf({ width: 100, height: 50 }).width).toBe(100);
        expect(roomOf({ width: 1, height: 5000 }).width).toBe(32);
        expect(roomOf({ width: 5000, height: 1 }).ratio).toBe(400 / 32);
    });

    it('are found in the order of their messages', () => {
        const file = media('c', { kind: 'file' });
        const rows = [
            messageRow('1', { media: [media('a'), file] }),
            messageRow('2', { media: [media('b')] }),
        ];
        expect(filesOf(rows, isPhoto).map((shown) => shown.media.sid)).toEqual(['a', 'b']);
    });

    it('are asked for by where they stand, and in small when they are too large', () => {
        const message = messageRow('1', { sid: 'IM1' });
        const of = (one: MediaView, sid: string | null = 'CH1') =>
            addressOf(sid, { message, media: one }, 'whole');
        expect(of(media('ME1'))).toBe('CH1.IM1.ME1.whole');
        expect(of(media('ME1', { size: wholeBytes + 1 }))).toBe('CH1.IM1.ME1.small');
        expect(of(media('ME1', { staged: 'a' }), null)).toBe('staged.a');
        expect(of(media('ME1'), null)).toBeNull();
    });

    it('fit their room, never beyond their size, and are enlarged by steps', () => {
        expect(fit({ width: 2000, height: 1000 }, { width: 500, height: 500 })).toEqual({
            width: 500,
            height: 250,
        });
        expect(fit({ width: 20, height: 10 }, { width: 500, height: 500 })).toEqual({
            width: 20,
            height: 10,
        });
        expect([stepZoom(1, 1), stepZoom(8, 1), stepZoom(1.5, -1), stepZoom(1, -1)]).toEqual([1.5, 8, 1, 1]);
    });
});

describe('a message without words', () => {
    it('says what it holds', () => {
        expect(filesLabel({ kind: 'photo', name: 'a.png', count: 1 })).toBe('Photo');
        expect(filesLabel({ kind: 'photo', name: 'a.png', count: 3 })).toBe('3 photos');
        expect(filesLabel({ kind: 'file', name: 'a.pdf', count: 1 })).toBe('a.pdf');
        expect(filesLabel({ kind: 'file', name: null, count: 2 })).toBe('2 files');
        expect(spoken(messageRow('1', { subject: 'Your order', body: 'is ready' }))).toBe(
            'Your order, is ready',
        );
        expect(spoken(messageRow('1', { body: ' ', media: [media('a'), media('b', { name: null })] }))).toBe(
            'a.png, Photo',
        );
    });
});
