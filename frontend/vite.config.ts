import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { onwarn, PREACT } from './preact.config.ts'

// Django serves what is built here from static/dist and reads the manifest for the names.
export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  // What d3-zoom uses of the two is there in a tenth of the weight.
  resolve: {
    alias: [
      ...PREACT,
      { find: /^d3-(interpolate|transition)$/, replacement: resolve('src/viewport/gliding.ts') },
    ],
  },
  build: {
    outDir: '../static/dist',
    emptyOutDir: true,
    manifest: true,
    // What is late is there before it is asked for, once the page is idle.
    modulePreload: false,
    target: 'es2023',
    // Everything is a file of its own: the pages' policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    // As written: no rule is merged with another.
    cssMinify: false,
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: 'src/main.tsx',
      onwarn,
      preserveEntrySignatures: 'exports-only',
      // What the first load needs is one file, and so is what the canvas needs: in two dozen it
      // weighs more and comes later. So does the rest, of which all is fetched once the page is
      // idle: as a file for each part it was 120 requests.
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'], priority: 5 },
            {
              name: 'Canvas',
              test: /src\/(app\/CanvasFace|editor\/openStage)\.tsx?$/,
              priority: 4,
            },
            // Instead of the canvas, on phones.
            { name: 'Outline', test: /src\/outline\/Outline\.tsx$/, priority: 3 },
            // What a selected stage shows.
            { name: 'Inspector', test: /src\/inspector\/(?!tools|media)/, priority: 2 },
            // The graphics library waits until a 3D model is shown.
            { name: 'late', test: /src\/(?!model\/)/, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    alias: {
      // Its modules, for those of CommonJS load React by themselves.
      '@testing-library/react': '@testing-library/react/dist/@testing-library/react.esm.js',
    },
    // Packages that import React get what ships.
    server: { deps: { inline: ['zustand', 'lucide-react', '@testing-library/react'] } },
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.{ts,tsx}'],
    setupFiles: 'tests/renderer.ts',
    // Component tests say `// @vitest-environment happy-dom` in their first line.
    environment: 'node',
    restoreMocks: true,
    // A guard against tests that hang, not a measure: machines that build are busy ones.
    testTimeout: 30_000,
  },
})
