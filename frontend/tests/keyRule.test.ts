/** The linter's rule that one module alone reads which key an event is of, tried on lines of code. */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const project = mkdtempSync(join(tmpdir(), 'keys-'))
afterAll(() => rmSync(project, { recursive: true }))

const REFUSED = [
  "(event: KeyboardEvent) => event.key === 'a'",
  '(event: KeyboardEvent) => event?.code',
  '(event: React.KeyboardEvent) => event.nativeEvent.key',
  '(event: React.KeyboardEvent) => event.nativeEvent.isComposing',
  '(down: KeyboardEvent) => down.keyCode',
  "(down: KeyboardEvent) => down.key === 'Enter'",
  '({ altKey, key }: KeyboardEvent) => altKey || key',
  '(event: KeyboardEvent) => { const { key } = event; return key }',
]
const TAKEN = [
  "(event: KeyboardEvent) => pressedKey(event) === 'Enter'",
  "(step: { key: string }) => step.key === 'one'",
  '({ altKey }: KeyboardEvent, { key }: { key: string }) => altKey || key',
  '(entry: { key: string; code: string }) => entry.key || entry.code',
]

test('which key an event is of is read in one module', () => {
  const folder = join(project, 'frontend/src/frame')
  mkdirSync(folder, { recursive: true })
  copyFileSync('../biome.json', join(project, 'biome.json'))
  for (const name of ['floors.biome.json', 'keys.grit'])
    copyFileSync(name, join(project, 'frontend', name))
  const lines = [...REFUSED, ...TAKEN].map((line, at) => `export const f${at} = ${line}\n`)
  for (const name of ['press.ts', 'other.ts', 'other.test.ts'])
    writeFileSync(join(folder, name), lines.join(''))
  const { stdout, stderr } = spawnSync(
    resolve('node_modules/.bin/biome'),
    'lint --max-diagnostics=none --reporter=github'.split(' '),
    { cwd: project, encoding: 'utf8' },
  )
  const found = [...stdout.matchAll(/title=plugin,file=.*\/([\w.]+),line=(\d+)/g)]
  expect([...new Set(found.map(([, file]) => file))], stderr).toEqual(['other.ts'])
  const places = new Set(found.map(([, , line]) => Number(line) - 1))
  expect([...places].sort()).toEqual(REFUSED.map((_, at) => at))
})
