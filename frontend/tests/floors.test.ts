/** The linter's rules that `manage.py generate` writes from floors.json, tried on each pair of folders. */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { floors, pages } from '../floors.json'

const project = mkdtempSync(join(tmpdir(), 'floors-'))
afterAll(() => rmSync(project, { recursive: true }))

const folders = floors.flat()
const floorOf = (name: string) => floors.findIndex((floor) => floor.includes(name))

/** From which folder to which other one the linter refuses an import of any kind. */
function refused(from: readonly string[]): Set<string> {
  mkdirSync(join(project, 'frontend'))
  copyFileSync('../biome.json', join(project, 'biome.json'))
  for (const name of ['floors.biome.json', 'keys.grit'])
    copyFileSync(name, join(project, 'frontend', name))
  for (const folder of from) {
    const path = join(project, 'frontend/src', folder)
    const root = '../'.repeat(folder.split('/').length)
    mkdirSync(path, { recursive: true })
    const lines = folders.map((name) => `import type { Any } from '${root}${name}/any'\n`)
    writeFileSync(join(path, 'imports.ts'), lines.join(''))
  }
  const { stdout, stderr } = spawnSync(
    resolve('node_modules/.bin/biome'),
    'lint --only=style/noRestrictedImports --max-diagnostics=none --reporter=github'.split(' '),
    { cwd: project, encoding: 'utf8' },
  )
  expect(stdout, stderr).toContain('noRestrictedImports')
  const places = stdout.matchAll(/file=[^,]*frontend\/src\/([^,]+)\/imports\.ts,line=(\d+)/g)
  return new Set([...places].map(([, folder, line]) => `${folder} → ${folders[Number(line) - 1]}`))
}

test('an import from a floor above, or from one beside, is refused, and no other', () => {
  const all = new Set([...folders, ...pages.folders])
  const wanted = [...all].flatMap((from) => {
    const floor = floorOf(from.split('/')[0] as string)
    const without = pages.folders.includes(from) ? pages.without : []
    return folders
      .filter((to) => floorOf(to) <= floor || without.includes(to))
      .map((to) => `${from} → ${to}`)
  })
  expect(wanted).toContain('graph → app')
  expect([...refused([...all])].sort()).toEqual(wanted.sort())
})

test('each folder is on one floor', () => {
  const present = readdirSync('src', { withFileTypes: true }).filter((one) => one.isDirectory())
  expect([...folders].sort()).toEqual(present.map(({ name }) => name).sort())
})
