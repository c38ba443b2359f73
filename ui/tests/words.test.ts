import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FluentResource } from '@fluent/bundle';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { has, pickLocale, sentence } from '../src/lib/i18n/fluent';

const source = new URL('../src', import.meta.url).pathname;
const read = (path: string) => readFileSync(path, 'utf8');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((name) => join(source, name))
    .filter((path) => /\.(svelte|ts)$/.test(path) && !/\/(generated|fake)\//.test(path));

const english = read(new URL('../../locales/en.ftl', import.meta.url).pathname);
const ids = english.match(/^[a-z][\w-]*(?= =)/gm) ?? [];

const local = [
    'already_signed_in',
    'cannot_listen',
    'conversation_deleted',
    'cannot_open',
    'cannot_save',
    'copy_failed',
    'data_dir_locked',
    'data_dir_unwritable',
    'disk_full',
    'fingerprint_mismatch',
    'fingerprint_unknown',
    'keyring_locked',
    'keyring_missing',
    'newer_data',
    'no_longer_participant',
    'newer_link',
    'not_an_address',
    'not_an_invite',
    'not_signed_in',
    'no_files',
    'no_room_to_save',
    'not_saved',
    'offline',
    'outbox_set_aside',
    'port_in_use',
    'timed_out',
    'too_many_at_once',
    'unreachable',
];
const wire = read(join(source, 'lib/backend/generated/ErrorCode.ts')).match(/"(\w+)"/g) ?? [];

describe('the words', () => {
    it('parse whole', () => {
        expect(new FluentResource(english).body.map((entry) => entry.id)).toEqual(ids);
    });

    it('have a sentence for every refusal', () => {
        const codes = [...wire.map((code) => code.replaceAll('"', '')), ...local];
        expect(wire.length).toBeGreaterThan(20);
        for (const code of codes) {
            expect(has(`error-${code.replaceAll('_', '-')}`), code).toBe(true);
            const words = sentence({ code, params: {} });
            expect(words, code).toMatch(/^[A-Z].*[.]$/s);
            expect(words, code).not.toMatch(/[{}$]/);
        }
    });

    it('name what the refusal names, and meet a code of the future', () => {
        const params = { address: '10.0.0.9:7420' };
        expect(sentence({ code: 'unreachable', params })).toContain('10.0.0.9:7420');
        expect(sentence({ code: 'of_the_future', params: {} })).toBe(
            sentence({ code: 'unknown', params: {} }),
        );
    });

    it('are there for every id that is used, and used when they are there', () => {
        const text = files.map(read).join('\n');
        const used = [...text.matchAll(/\bt\(\s*'([\w-]+)'/g)].map((found) => found[1] ?? '');
        expect(used.filter((id) => !has(id))).toEqual([]);
        const prefixes = [...text.matchAll(/`([\w-]+-)\$\{/g)].map((found) => found[1] ?? '');
        const quoted = new Set([...text.matchAll(/'([a-z][\w-]+)'/g)].map((found) => found[1] ?? ''));
        const idle = ids.filter((id) => !quoted.has(id) && !prefixes.some((prefix) => id.startsWith(prefix)));
        // These are the shell's own words.
        expect(idle.filter((id) => !id.startsWith('shell-'))).toEqual([]);
    });

    it('follow the reader’s English, and are English for everybody else', () => {
        expect(pickLocale(['de-DE', 'en-GB'])).toBe('en-GB');
        expect(pickLocale(['de-DE'])).toBe('en');
    });
});

describe('components', () => {
    const speaking = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'hint']);

    function bare(node: AST.Fragment | AST.TemplateNode, found: string[]): string[] {
        if (node.type === 'Text' && /\p{L}{2,}/u.test(node.data)) found.push(node.data.trim());
        if (node.type === 'StyleDirective') return found;
        if (node.type === 'Attribute' && !speaking.has(node.name)) return found;
        for (const value of Object.values(node)) {
            for (const child of Array.isArray(value) ? value : [value]) {
                if (typeof child === 'object' && child !== null && 'type' in child) bare(child, found);
            }
        }
        return found;
    }

    it('have no words of their own', () => {
        const components = files.filter((path) => path.endsWith('.svelte'));
        expect(components.length).toBeGreaterThan(30);
        for (const path of components) {
            const { fragment } = parse(read(path), { modern: true });
            expect(bare(fragment, []), path).toEqual([]);
        }
    });
});
