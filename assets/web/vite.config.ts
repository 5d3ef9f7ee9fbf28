import react from '@vitejs/plugin-react'
import tailwind from '@tailwindcss/vite'
import { defineConfig } from 'vitest/config'
import { catalogues } from './scripts/po.mjs'

/** The API a development session talks to; the built app is always served by the program itself. */
const BACKEND = process.env.FAROL_BACKEND ?? 'http://127.0.0.1:8080'

export default defineConfig({
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  plugins: [react(), tailwind(), catalogues()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    sourcemap: false,
    // Small files stay files: data: addresses would need a wider content policy.
    assetsInlineLimit: 0,
    target: ['chrome120', 'firefox120', 'safari17'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What most screens share comes in two files: cut along every difference, it was fifty, and a tenth larger packed.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'kit', test: /node_modules[\\/]/, minShareCount: 3 },
            { name: 'core', test: /src[\\/](app|api|lib|ui)[\\/]/, minShareCount: 5 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: BACKEND, ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
})
