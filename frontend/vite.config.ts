import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// Django serves what is built here from static/dist and reads the manifest for the names.
export default defineConfig({
  plugins: [react()],
  base: '/static/dist/',
  publicDir: false,
  build: {
    outDir: '../static/dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // Everything is a file of its own: the pages' policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    sourcemap: false,
    rollupOptions: { input: 'src/main.tsx' },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.{ts,tsx}'],
    // Component tests say `// @vitest-environment happy-dom` in their first line.
    environment: 'node',
    restoreMocks: true,
    // A guard against tests that hang, not a measure: machines that build are busy ones.
    testTimeout: 30_000,
  },
})
