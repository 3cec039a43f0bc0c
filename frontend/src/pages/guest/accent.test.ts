// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { inkOn, paint } from './accent'

test('ink on any color is the one that stands out more', () => {
  expect(['#ffffff', '#cdf24b', '#ff6600', '#808080'].map(inkOn)).toEqual(Array(4).fill('#000000'))
  expect(['#000000', '#7546d8', '#0a3d91', '#c2271f'].map(inkOn)).toEqual(Array(4).fill('#ffffff'))
})

test('only a color changes the button', () => {
  const button = document.createElement('button')
  for (const color of ['', 'red', '#12345', 'url(x)']) paint(button, color)
  expect(button.getAttribute('style')).toBeNull()
  paint(button, '#7546d8')
  expect(button.style.getPropertyValue('--app-on-accent')).toBe('#ffffff')
})
