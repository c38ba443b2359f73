import { describe, expect, it } from 'vitest';
import { hueOf, initialsOf } from '../src/lib/store/initials';

describe('initials', () => {
    it('are the first letters of the first and the last word', () => {
        expect(initialsOf('Ingrid Solheim')).toBe('IS');
        expect(initialsOf('  ada  ')).toBe('A');
        expect(initialsOf('Maximiliane von Hohenfels')).toBe('MH');
        expect(initialsOf('Ada Lovelace', 1)).toBe('A');
    });

    it('pass over signs, keep whole characters and never are empty', () => {
        expect(initialsOf('#release 2.4')).toBe('R2');
        expect(initialsOf('👩‍🚀 crew')).toBe('👩‍🚀C');
        expect(initialsOf('نور شاهين')).toBe('نش');
        expect(initialsOf('   ')).toBe('?');
    });
});

describe('the hue', () => {
    it('belongs to the identity, whatever its case', () => {
        expect(hueOf('Ada')).toBe(hueOf('ada'));
        expect(hueOf('ａｄａ')).toBe(hueOf('ada'));
    });

    it('uses all colours about evenly', () => {
        const counts = new Map<string, number>();
        for (let number = 0; number < 800; number += 1) {
            const hue = hueOf(`user${number}`);
            counts.set(hue, (counts.get(hue) ?? 0) + 1);
        }
        expect(counts.size).toBe(8);
        expect(Math.min(...counts.values())).toBeGreaterThan(50);
    });
});
