import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
    plugins: [svelte()],
    resolve: {
        alias: { $lib: path('./src/lib'), $shared: path('./src/shared'), $locales: path('../locales') },
    },
    clearScreen: false,
    server: {
        port: 5173,
        strictPort: true,
        host: '127.0.0.1',
        fs: { allow: [path('.'), path('../locales')] },
    },
    build: {
        target: ['chrome123', 'safari17.5'],
        // The content security policy allows no data: URLs and no inline scripts.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
    },
    test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
