/** Arguments that are a range of a video or audio, and how they are read and written. */

import type { Doc, Json, Tool } from '../../../api/schema'
import { editor } from '../../../editor/store'
import { Draft, type Edit, edit, nameOf } from '../../../graph/edit'
import type { ToolTable } from '../../../graph/tools'
import { argumentSlot } from '../../stage/argument'
import { type Bounds, fitRange, type Range } from '../film/ranges'

/** Two parameters of a tool that say from where to where of what comes in at a port. */
export interface Span {
  readonly port: string
  readonly start: string
  /** The parameter of its end, or of its length. */
  readonly other: string
  readonly isLength: boolean
}

/** No shorter than this, where the tool says nothing. Seconds. */
const LEAST = 0.1

const SPANS: Readonly<Record<string, readonly Span[]>> = {
  replace_video_segment: [
    { port: 'video', start: 'startSeconds', other: 'endSeconds', isLength: false },
    {
      port: 'replacement',
      start: 'replacementStartSeconds',
      other: 'replacementEndSeconds',
      isLength: false,
    },
  ],
  sound_to_video: [{ port: 'audio', start: 'audioStart', other: 'duration', isLength: true }],
  video_to_video: [{ port: 'video', start: 'videoStart', other: 'duration', isLength: true }],
}

/** The range that a parameter is one end of. */
export function spanOf(tool: string, parameter: string): Span | undefined {
  return SPANS[tool]?.find((span) => span.start === parameter || span.other === parameter)
}

/** The shortest and longest that a tool allows of a clip. */
export function boundsOf(tool: Tool, span: Span, duration: number): Bounds {
  const schema = tool.parameters.find(({ name }) => name === span.other)?.schema ?? {}
  const limit = (name: string, otherwise: number) =>
    span.isLength && typeof schema[name] === 'number' ? schema[name] : otherwise
  return {
    duration,
    least: Math.min(limit('minimum', LEAST), Math.max(duration, LEAST)),
    most: limit('maximum', Number.POSITIVE_INFINITY),
  }
}

export interface Said {
  readonly range: Range
  /** Neither end is set: the range is only what a run would take. */
  readonly isUnset: boolean
  /** The titles of parameters that are bound to a value only known in the run. */
  readonly bound: readonly string[]
  /** It does not fit into this clip as it is written. */
  readonly isCut: boolean
}

/** Read the range that the document has. */
export function readSpan(
  { doc, tools, node, tool }: { doc: Doc; tools: ToolTable; node: string; tool: Tool },
  span: Span,
  bounds: Bounds,
): Said {
  const at = (parameter: string) => {
    const { value } = argumentSlot(doc, tools, node, parameter, parameter)
    const declaration = tool.parameters.find(({ name }) => name === parameter)
    return { value, usual: declaration?.default, title: declaration?.title ?? parameter }
  }
  const [first, second] = [at(span.start), at(span.other)]
  const start = numberOf(first.value) ?? numberOf(first.usual) ?? 0
  const other = numberOf(second.value) ?? (span.isLength ? numberOf(second.usual) : null)
  const end = other === null ? bounds.duration : span.isLength ? start + other : other
  const range = fitRange({ start, end }, bounds)
  const isUnset = first.value === undefined && second.value === undefined
  const near = (one: number, two: number) => Math.abs(one - two) < 0.002
  const within = (time: number) => (time < 0 ? Math.max(0, bounds.duration + time) : time)
  return {
    range,
    isUnset,
    bound: [first, second]
      .filter(({ value }) => typeof value === 'string')
      .map(({ title }) => title),
    isCut: !isUnset && !(near(range.start, within(start)) && near(range.end, within(end))),
  }
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** Both ends in one edit. */
export function writeSpan(node: string, span: Span, { start, end }: Range): Edit {
  const { doc, tools } = editor()
  const draft = new Draft(doc)
  const put = (parameter: string, value: number) =>
    draft.setField(node, argumentSlot(doc, tools, node, parameter, '').field, value)
  put(span.start, start)
  put(span.other, span.isLength ? Math.round((end - start) * 1000) / 1000 : end)
  return edit(`Set the range of ${nameOf(doc, node)}`, draft.ops)
}
