// @vitest-environment happy-dom

import { cleanup, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Turn } from '../../src/api/schema'
import { Name } from '../../src/bar/Name'
import { FrameNode } from '../../src/canvas/FrameNode'
import { InputsNode } from '../../src/canvas/InputsNode'
import { NoteNode } from '../../src/canvas/NoteNode'
import { StageNode } from '../../src/canvas/StageNode'
import { select } from '../../src/editor/actions'
import { INPUTS } from '../../src/graph/documentReaders'
import { Inspector } from '../../src/inspector/Inspector'
import { Outline } from '../../src/outline/Outline'
import { TurnCard } from '../../src/pages/turn/TurnCard'
import { fetchRest } from '../../src/parts/fetching'
import { openDocument } from '../opened'

const HEBREW = /[\u0590-\u05ff]/
const TURN = {
  ...{ id: 'w1', step: 'one', kind: 'gate', place: 'סרט', heading: 'אישור', text: 'בסדר?' },
  ...{ candidates: [], picked: [], words: [{ name: 'prompt', label: 'הנחיה', value: 'ים' }] },
  ...{ typed: '', problem: '', asksOnly: false, isWide: false, canLink: false },
} as unknown as Turn

beforeAll(fetchRest)
beforeEach(() => {
  openDocument({
    name: 'שם',
    graph: {
      notes: [{ id: 'n1', x: 0, y: 0, width: 200, text: 'הערה' }],
      frames: [{ id: 'f1', x: 0, y: 0, width: 400, height: 300, title: 'מסגרת' }],
    },
    description: 'תיאור',
    inputs: [
      { name: 'subject', label: 'נושא', type: 'text', default: 'מגדלור', description: 'עזרה' },
    ],
    stages: [
      {
        ...{ id: 'one', type: 'fixed', tool: 'generate_image', label: 'תמונה', produces: ['one'] },
        args: { prompt: 'ים בלילה' },
      },
    ],
  })
})
afterEach(cleanup)

/** What is written in Hebrew and has no direction of its own. */
function wrongIn(part: HTMLElement): string[] {
  const isRight = (element: Element | null) =>
    element?.closest('[dir=auto], bdi, svg, .visually-hidden') != null
  const texts = [...part.querySelectorAll('*')].flatMap((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && HEBREW.test(node.nodeValue ?? ''))
      ? [element]
      : [],
  )
  const fields = [...part.querySelectorAll<HTMLInputElement>('input, textarea')].filter((field) =>
    HEBREW.test(field.value),
  )
  expect(texts.length + fields.length).toBeGreaterThan(0)
  return [...texts, ...fields].filter((one) => !isRight(one)).map((one) => one.outerHTML)
}

const PARTS: [string, ReactNode, string[]][] = [
  ['the name in the bar', <Name key="" />, []],
  ['a stage', <StageNode key="" id="one" />, []],
  ['the inputs', <InputsNode key="" id={INPUTS} />, []],
  ['a note', <NoteNode key="" id="note:n1" />, []],
  ['a frame', <FrameNode key="" id="frame:f1" />, []],
  ['the outline', <Outline key="" />, []],
  ['the settings of a stage', <Inspector key="" />, ['one']],
  ['the settings of the template', <Inspector key="" />, []],
  ['a question', <TurnCard key="" turn={TURN} action="/" />, []],
]
it.each(PARTS)('%s lets what a person wrote run its own way', (_name, part, selection) => {
  select(selection)
  const { container } = render(part)
  expect(wrongIn(container)).toEqual([])
})
