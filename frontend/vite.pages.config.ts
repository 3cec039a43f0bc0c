import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { build, defineConfig, type Plugin, type Rolldown } from 'vite'
import { onwarn, PREACT } from './preact.config.ts'

const PAGES = 'src/pages'
const CLASSIC = 'src/pages/classic'

function scriptsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
}

/** One script without imports, in a scope of its own. */
async function classic(path: string): Promise<Rolldown.OutputChunk> {
  const built = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: { input: resolve(path), output: { format: 'iife' } },
    },
  })
  const [result] = Array.isArray(built) ? built : [built]
  if (result === undefined || !('output' in result)) throw new Error(`${path} was not built`)
  return result.output[0]
}

/** Scripts that block the first drawing are no modules: those wait for the whole page. Their names
 * hold no hash, so that the page of errors can name them when nothing is built. */
function classicScripts(): Plugin {
  return {
    name: 'classic-scripts',
    async generateBundle() {
      for (const path of scriptsIn(CLASSIC)) {
        const { code } = await classic(path)
        this.emitFile({
          type: 'asset',
          fileName: basename(path).replace('.ts', '.js'),
          source: code,
        })
      }
    },
  }
}

// The scripts of the pages that Django draws: each file of src/pages is one, by its name. Components
// are the editor's.
export default defineConfig({
  plugins: [classicScripts()],
  base: '/static/dist/pages/',
  publicDir: false,
  resolve: { alias: PREACT },
  build: {
    outDir: '../static/dist/pages',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // Browsers that know this target preload modules themselves.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: scriptsIn(PAGES),
      onwarn,
      output: {
        codeSplitting: {
          groups: [
            { name: 'preact', test: /node_modules\/preact\// },
            // What runs, guests and answers have in common: in a file for each it weighs more.
            {
              name: 'turn',
              test: /lucide|preload|react|src\/pages\/(turn|parts\/)/,
              minShareCount: 2,
            },
            // On every page: in a handful of files of a line each it weighs more and comes later.
            { name: 'frame', test: /src\/(frame|notices\/browser|api\/csrf)/ },
          ],
        },
      },
    },
  },
})
