import { describe, expect, test } from 'vitest'
import type { Recorded } from '../api/schema'
import { ago, bursts } from './history'

function change(rev: number, who: string, label: string, minute: number): Recorded {
  const at = new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()
  return { rev, id: `c${rev}`, clientId: 'w', actor: { id: who, name: who }, label, ops: [], at }
}

describe('bursts', () => {
  test('join what one person did without a longer pause, newest first', () => {
    const found = bursts([
      change(1, 'alice', 'Add Shots', 0),
      change(2, 'alice', 'Type', 21),
      change(3, 'alice', 'Type', 22),
      change(4, 'bob', 'Move Shots', 23),
      change(5, 'alice', 'Connect', 24),
    ])
    expect(found.map(({ actor, deeds }) => [actor.name, deeds.map((deed) => deed.label)])).toEqual([
      ['alice', ['Connect']],
      ['bob', ['Move Shots']],
      ['alice', ['Type']],
      ['alice', ['Add Shots']],
    ])
    expect(found[2]?.deeds[0]?.times).toBe(2)
  })
})

test('ago says times as people do', () => {
  const now = Date.UTC(2026, 0, 2, 12)
  const before = (seconds: number) => ago(new Date(now - seconds * 1_000).toISOString(), now)
  expect([before(5), before(300), before(7_200), before(86_400)]).toEqual([
    'just now',
    '5 minutes ago',
    '2 hours ago',
    'yesterday',
  ])
})
