import { describe, expect, it } from 'vitest'
import cases from '../../fixtures/bindings.json'
import {
  artifactText,
  asLiteral,
  findRefs,
  isBindable,
  mapRefs,
  phraseWords,
  plain,
  readText,
  renameRef,
} from './bindings'

describe('readText', () => {
  it.each(cases)('reads $text as the server does', ({ text, read }) => {
    const found = readText(text)
    if (found.type === 'literal') expect({ literal: found.text }).toEqual(read)
    else if (found.type === 'broken') expect({ broken: found.why }).toEqual(read)
    else {
      const { root, name, path } = found
      expect({ ref: { root, name, path } }).toEqual(read)
    }
  })
})

describe('worded', () => {
  it('fills the pattern of the server', () => {
    const phrase = { key: 'named', params: { root: 'run' } }
    expect(phraseWords(phrase, { named: '{root} needs a name' })).toBe('run needs a name')
    expect(phraseWords(phrase, {})).toBe('')
  })
})

describe('findRefs', () => {
  it('finds bindings at any depth, with their places', () => {
    const value = { a: ['x', '$inputs.one'], b: { c: '$artifacts.two[0]' }, d: '$$inputs.no' }
    expect(findRefs(value).map(({ read, place }) => [read.text, place])).toEqual([
      ['$inputs.one', ['a', 1]],
      ['$artifacts.two[0]', ['b', 'c']],
    ])
  })

  it('tells the broken ones', () => {
    expect(findRefs('$nothing.x')[0]?.read.type).toBe('broken')
  })

  it('does not enter what is deeper than the server reads', () => {
    let deep: unknown = '$inputs.a'
    for (let depth = 0; depth < 80; depth += 1) deep = [deep]
    expect(findRefs(deep as never)).toEqual([])
  })
})

describe('mapRefs', () => {
  it('replaces in place and keeps what holds none', () => {
    const plainList = ['a', 'b']
    const value = { one: '$inputs.a', two: plainList }
    const mapped = mapRefs(value, () => '$inputs.b') as typeof value
    expect(mapped).toEqual({ one: '$inputs.b', two: ['a', 'b'] })
    expect(mapped.two).toBe(plainList)
  })

  it('takes references out, and lists that held nothing else', () => {
    expect(mapRefs(['$inputs.a', 'b'], () => undefined)).toEqual(['b'])
    expect(mapRefs(['$inputs.a'], () => undefined)).toBeUndefined()
    expect(mapRefs({ a: '$inputs.a', b: 1 }, () => undefined)).toEqual({ b: 1 })
  })

  it('gives the same value back when nothing changes', () => {
    const value = { a: ['$inputs.a'] }
    expect(mapRefs(value, (read) => read.text)).toBe(value)
  })
})

describe('building', () => {
  it('renames and keeps the path', () => {
    const read = readText('$artifacts.look.items[*].url')
    if (read.type !== 'ref') throw new Error('no reference')
    expect(renameRef(read, 'pose')).toBe('$artifacts.pose.items[*].url')
  })

  it('reads what it builds', () => {
    expect(readText(artifactText('look'))).toMatchObject({ type: 'ref', name: 'look' })
  })

  it.each(['$', '$5', 'plain', '$inputs.a', '$$x', '$nothing', ''])('escapes %s', (text) => {
    const read = readText(asLiteral(text))
    expect(read).toEqual({ type: 'literal', text })
    expect(plain(asLiteral(text))).toBe(text)
  })

  it.each([
    ['look', true],
    ['a b', true],
    ['a.b', false],
    ['a[0]', false],
    ['', false],
  ])('knows whether %s can be named', (name, can) => {
    expect(isBindable(name)).toBe(can)
  })
})
