// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { COMMAND_ICONS } from '../../src/editor/CommandIcon'
import { allCommands } from '../../src/editor/commands'
import '../../src/app/App'

it('has icons of commands that there are', () => {
  const known = new Set(allCommands().map(({ id }) => id))
  expect(Object.keys(COMMAND_ICONS).filter((id) => !known.has(id))).toEqual([])
})
