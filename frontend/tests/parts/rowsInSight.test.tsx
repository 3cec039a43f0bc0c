// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useRef } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { useRowsInSight } from '../../src/parts/useRowsInSight'

const ROW = 20
const ROWS = Array.from({ length: 1000 }, (_, at) => at)

/** 1,000 rows of 20 pixels in a window of 200. */
function List({ count = 1000 }) {
  const view = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLOListElement>(null)
  const { from, to, above, below } = useRowsInSight(view, list, count)
  return (
    <div ref={view} data-testid="view">
      <ol ref={list} style={{ paddingTop: above, paddingBottom: below }}>
        {ROWS.slice(from, Math.min(to, count)).map((row) => (
          <li key={row}>{row}</li>
        ))}
      </ol>
    </div>
  )
}

// The page of these tests has no layout.
function layOut(): void {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(
    new DOMRect(0, 0, 300, ROW),
  )
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(200)
}

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function shown(): number[] {
  return screen.getAllByRole('listitem').map((row) => Number(row.textContent))
}

function scrollTo(top: number): void {
  const view = screen.getByTestId('view')
  view.scrollTop = top
  act(() => void fireEvent.scroll(view))
}

test('of a long list the rows that are seen are there, and room for the others', () => {
  layOut()
  render(<List />)
  expect(shown().slice(0, 2)).toEqual([0, 1])
  expect(shown().length).toBeLessThan(50)
  scrollTo(500 * ROW)
  // Those above and below are there for the arrow keys.
  expect(shown()).toEqual(expect.arrayContaining([499, 500, 505, 510, 511]))
  expect(shown().length).toBeLessThan(60)
  const list = screen.getByRole('list')
  const room =
    Number.parseFloat(list.style.paddingTop) + Number.parseFloat(list.style.paddingBottom)
  expect(room + shown().length * ROW).toBe(1000 * ROW)
  scrollTo(990 * ROW)
  expect(shown().at(-1)).toBe(999)
})

test('a list that became shorter than what was scrolled to still shows its end', () => {
  layOut()
  const { rerender } = render(<List />)
  scrollTo(900 * ROW)
  rerender(<List count={40} />)
  expect(shown().at(-1)).toBe(39)
})

test('a short list is whole', () => {
  layOut()
  render(<List count={7} />)
  expect(shown()).toEqual([0, 1, 2, 3, 4, 5, 6])
})
