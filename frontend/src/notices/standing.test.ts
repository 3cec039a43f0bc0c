import { describe, expect, test } from 'vitest'
import { countedTitle, countWords, KnownNotices, type Notice } from './standing'

function notice(id: number): Notice {
  const url = `/runs/${id}`
  return { id, kind: 'run', text: 'Done', url, isRead: false, inPage: true, inBrowser: true }
}

const ids = (notices: readonly Notice[]) => notices.map(({ id }) => id)

test('a title carries the number of unread notices once', () => {
  expect(countedTitle('Gallery', 2)).toBe('(2) Gallery')
  expect(countedTitle('(2) Gallery', 3)).toBe('(3) Gallery')
  expect(countedTitle('(99+) Gallery', 0)).toBe('Gallery')
  expect(countWords(99)).toBe('99')
  expect(countedTitle('Gallery', 100)).toBe('(99+) Gallery')
})

describe('what is news to a tab', () => {
  test('is what came after the page was made, once', () => {
    const known = new KnownNotices(17)
    expect(ids(known.freshOf([notice(18), notice(17), notice(3)]))).toEqual([18])
    expect(ids(known.freshOf([notice(19), notice(18), notice(17)]))).toEqual([19])
  })

  test('is nothing at first where the page was made without notices', () => {
    const known = new KnownNotices(null)
    expect(known.freshOf([notice(18), notice(17)])).toEqual([])
    expect(ids(known.freshOf([notice(19), notice(18)]))).toEqual([19])
  })
})
