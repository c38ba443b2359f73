import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const oneDoor = {
    patterns: [{ group: ['@tauri-apps/*'], message: 'Only src/lib/backend talks to the shell.' }],
};

const lower = (group, message) => ({ patterns: [...oneDoor.patterns, { group, message }] });

export default ts.config(
    { ignores: ['dist', 'src/lib/backend/generated'] },
    js.configs.recommended,
    ...ts.configs.strict,
    ...svelte.configs.recommended,
    {
        languageOptions: { globals: { ...globals.browser } },
        rules: {
            'no-restricted-imports': ['error', oneDoor],
            'svelte/no-at-html-tags': 'error',
            // Style attributes are forbidden by the content security policy; directives set properties and are not.
            'svelte/no-inline-styles': 'off',
            'svelte/prefer-svelte-reactivity': 'off',
        },
    },
    { files: ['src/lib/backend/**'], rules: { 'no-restricted-imports': 'off' } },
    {
        files: ['src/lib/**/*.ts'],
        ignores: ['src/lib/backend/**'],
        rules: {
            'no-restricted-imports': [
                'error',
                lower(['$shared/*', '../../*/*'], 'src/lib knows no component.'),
            ],
        },
    },
    {
        files: ['src/shared/**'],
        rules: {
            'no-restricted-imports': [
                'error',
                lower(['../*/**', '!../lib/**'], 'Shared components know no domain folder and no view.'),
            ],
        },
    },
    {
        files: ['**/*.svelte', '**/*.svelte.ts'],
        languageOptions: {
            parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
        },
    },
);
