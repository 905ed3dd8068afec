import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The bundle goes into the Python package, which serves it.
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: here('../src/muniment/ui'),
    // Not `assets`, the usual name: /assets is where people look at theirs.
    assetsDir: 'static',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    port: 5173,
    proxy: { '/api': process.env.MUNIMENT_URL ?? 'http://127.0.0.1:8765' },
  },
});
