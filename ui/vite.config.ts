import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const WORTH_IT_BYTES = 1024;

/** Lays `.br` and `.gz` beside each script and style: the server only chooses, it never compresses. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => /\.(js|css|svg)$/.test(each))) {
        const path = join(dir, name);
        const body = readFileSync(path);
        if (body.length < WORTH_IT_BYTES) continue;
        writeFileSync(`${path}.br`, brotliCompressSync(body));
        writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
      }
    },
  };
}

// The bundle goes into the Python package, which serves it.
export default defineConfig({
  plugins: [react(), compressed()],
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
