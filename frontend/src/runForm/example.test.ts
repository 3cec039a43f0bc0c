// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { offerExample } from './example'

test.each([
  ['', false],
  ['typed before the script came', true],
])('with "%s" in the field, hidden: %s', (text, isHidden) => {
  const form = document.createElement('form')
  form.innerHTML = '<textarea data-example="A heron"></textarea><button data-use-example></button>'
  const [field] = form.getElementsByTagName('textarea')
  const [button] = form.getElementsByTagName('button')
  if (!field || !button) throw new Error('no form')
  field.value = text
  offerExample(form)
  expect(button.hidden).toBe(isHidden)
})
