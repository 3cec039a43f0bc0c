import { expect, test } from 'vitest'
import { readWheel } from './wheel'

const STILL = {
  deltaX: 0,
  deltaY: 0,
  deltaMode: 0,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
}

function read(event: Partial<typeof STILL>) {
  return readWheel({ ...STILL, ...event } as WheelEvent)
}

test('a wheel that counts in lines or pages pans by as much', () => {
  expect(read({ deltaY: 3, deltaMode: 1 })).toEqual({ type: 'pan', x: -0, y: -75 })
  expect(read({ deltaY: 1, deltaMode: 2 })).toEqual({ type: 'pan', x: -0, y: -500 })
})

test('Shift goes sideways, whether or not the system turned the wheel already', () => {
  expect(read({ deltaY: 60, shiftKey: true })).toEqual({ type: 'pan', x: -60, y: 0 })
  expect(read({ deltaX: 60, shiftKey: true })).toEqual({ type: 'pan', x: -60, y: -0 })
})

test('Command zooms as Ctrl does', () => {
  const closer = read({ deltaY: -120, ctrlKey: true })
  expect(closer).toEqual(read({ deltaY: -120, metaKey: true }))
  expect(closer).toMatchObject({ type: 'zoom', by: 2 ** 0.24 })
})
