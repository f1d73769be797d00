import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Stands for the nonce of the content security policy: the server puts a new one in its place for each answer. */
const noncePlaceholder = '__CSP_NONCE__';
const server = 'http://127.0.0.1:8787';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  html: { cspNonce: noncePlaceholder },
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../dist/studio', import.meta.url)),
    emptyOutDir: true,
    // The terms of what is bundled go where the bundle goes: .vite/license.md.
    license: true,
    target: 'es2022',
    // Everything is a file of our own origin: the policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run studio` beside a running server: pages are rebuilt on every edit, calls go to the server.
    proxy: { '/v1': { target: server, ws: true }, '/ready': server },
  },
});
