import react from '@vitejs/plugin-react'
import tailwind from '@tailwindcss/vite'
import { defineConfig } from 'vitest/config'
import { catalogues } from './scripts/po.mjs'

/** The API a development session talks to; the built app is always served by the program itself. */
const BACKEND = process.env.FAROL_BACKEND ?? 'http://127.0.0.1:8080'

/** Made for choosing from a list: the desk has it in the customer's panel, which comes after the thread. */
const SELECT = /@base-ui[\\/]react[\\/]select[\\/]|src[\\/]ui[\\/]select\.tsx/
/** What only the screens behind the desk and its dialogs are made of. */
const FORMS = /@base-ui[\\/]react[\\/](checkbox|switch)[\\/]|src[\\/]ui[\\/](controls|page|copy)\.tsx|src[\\/]app[\\/]form\.tsx|src[\\/]lib[\\/](check|focus-invalid)\.ts/
const isLater = (id: string) => SELECT.test(id) || FORMS.test(id)

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
    // What most screens share comes in few files: cut along every difference, it was fifty, and a tenth larger packed.
    // The first two are what the desk begins with, so nothing stands in them that it doesn't need at once.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'kit', test: (id) => /node_modules[\\/]/.test(id) && !isLater(id), minShareCount: 3 },
            { name: 'core', test: (id) => /src[\\/](app|api|lib|ui)[\\/]/.test(id) && !isLater(id), minShareCount: 5 },
            { name: 'select', test: SELECT, minShareCount: 3 },
            { name: 'forms', test: FORMS, minShareCount: 3 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: BACKEND, ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
})
