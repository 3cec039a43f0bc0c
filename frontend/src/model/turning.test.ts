import { describe, expect, test } from 'vitest'
import { afterKey, distanceFor, type Eye, isInside } from './turning'

const START: Eye = { theta: 0.4, phi: 1.3, distance: 3 }

const pressed = (key: string, times: number) => {
  let eye = START
  for (let n = 0; n < times; n += 1) eye = afterKey(eye, key, START) ?? eye
  return eye
}

describe('keys', () => {
  test('turn it, all the way round', () => {
    expect(pressed('ArrowLeft', 1).theta).toBeGreaterThan(START.theta)
    expect(pressed('ArrowRight', 36).theta).toBeCloseTo(START.theta - 2 * Math.PI)
  })

  test('never turn it over its poles', () => {
    expect(pressed('ArrowUp', 40).phi).toBeGreaterThan(0)
    expect(pressed('ArrowDown', 40).phi).toBeLessThan(Math.PI)
  })

  test('bring it nearer and farther, within bounds, and back', () => {
    expect(pressed('+', 1).distance).toBeLessThan(START.distance)
    expect(pressed('+', 99).distance).toBeCloseTo(START.distance * 0.35)
    expect(pressed('-', 99).distance).toBeCloseTo(START.distance * 3)
    expect(afterKey(pressed('-', 3), 'Home', START)).toEqual(START)
  })

  test('that are not for it are left to the page', () => {
    for (const key of ['Tab', 'Escape', 'a', 'PageDown', ' ']) {
      expect(afterKey(START, key, START)).toBeNull()
    }
  })
})

test('a model fits also where the window is narrow', () => {
  expect(distanceFor(1, 35, 16 / 9)).toBeCloseTo(distanceFor(1, 35, 1))
  expect(distanceFor(1, 35, 0.5)).toBeGreaterThan(1.8 * distanceFor(1, 35, 1))
})

test('a model asks no one for the rest of it', () => {
  expect(isInside('blob:https://h/1')).toBe(true)
  expect(isInside('data:image/png;base64,AA')).toBe(true)
  for (const address of ['https://h/x.bin', '//h/x.bin', 'x.bin', '/app/tools', 'file:///x']) {
    expect(isInside(address)).toBe(false)
  }
})
