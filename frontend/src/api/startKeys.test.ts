// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { dropKey, keepKey, openKey } from './startKeys'

beforeEach(() => sessionStorage.clear())
afterEach(() => vi.unstubAllGlobals())

test('a start keeps its key until it is answered', () => {
  expect(openKey('app a')).toBe('')
  expect(keepKey('app a', 'first')).toBe('first')
  expect(keepKey('app a', 'second')).toBe('first')
  expect(keepKey('app b', 'third')).toBe('third')
  dropKey('app a')
  expect(keepKey('app a', 'second')).toBe('second')
  expect(openKey('app b')).toBe('third')
})

test('where nothing can be stored it holds until the page is left', () => {
  const refuse = () => {
    throw new DOMException('no', 'SecurityError')
  }
  vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
  expect(keepKey('app c', 'first')).toBe('first')
  expect(keepKey('app c', 'second')).toBe('first')
  dropKey('app c')
  expect(openKey('app c')).toBe('')
})
