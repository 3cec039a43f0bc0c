// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { valuesOf } from './values'

const file = (name: string, value: string) =>
  `<input name="${name}" value="${value}" data-url data-default="/media/old">`

test('a default file that no one touched is left to the server', () => {
  document.body.innerHTML = `<form>${file('kept', '/media/old')}${file('own', '/media/new')}
    ${file('several', '/media/old')}${file('several', '/media/new')}
    ${file('gone', '')}<input name="words" value="A fox"></form>`
  const data = valuesOf(document.forms[0] as HTMLFormElement)
  expect([...data.keys()]).toEqual(['own', 'several', 'several', 'gone', 'words'])
})
