/** Overlays as the document has them: read for showing, and written back field by field. */

import type { Json, JsonObject } from '../../../api/schema'
import { isObject } from '../../../document/ops'
import { fromEnd } from '../film/ranges'
import { clamp, thousandths } from '../film/time'
import { PLACES, type Place, type Placing } from './placing'

/** An overlay as it is shown, with what it says nothing about filled in as the tool does. */
export interface Overlay extends Placing {
  readonly kind: 'text' | 'image'
  readonly start: number
  /** null: it stays until the clip ends. */
  readonly end: number | null
  readonly text: string
  readonly fontSizePct: number
  readonly color: string
  readonly outlineColor: string
  readonly backgroundColor: string | null
  readonly isBold: boolean
  readonly imageIndex: number | null
  /** The place of the clip that plays instead of a picture. */
  readonly clipIndex: number | null
  readonly widthPct: number
  readonly opacity: number
  readonly isCover: boolean
  readonly shape: 'none' | 'rounded' | 'circle'
  readonly borderColor: string | null
  readonly hasShadow: boolean
}

export const LEAST_SECONDS = 0.2
export const FONT = { least: 1, most: 30, usual: 6 } as const
export const WIDTH = { least: 1, most: 100, usual: 15 } as const

function numberAt(given: JsonObject, ...names: string[]): number | null {
  for (const name of names) {
    const value = given[name]
    if (typeof value === 'number' && Number.isFinite(value)) return value
  }
  return null
}

function textAt(given: JsonObject, ...names: string[]): string | null {
  for (const name of names) {
    const value = given[name]
    if (typeof value === 'string') return value
  }
  return null
}

/** Every field has two spellings; the one that is written is the first. */
const SPELLINGS = {
  offsetX: ['offsetX', 'offset_x'],
  offsetY: ['offsetY', 'offset_y'],
  startSeconds: ['startSeconds', 'start_seconds'],
  endSeconds: ['endSeconds', 'end_seconds'],
  fontSizePct: ['fontSizePct', 'font_size_pct'],
  outlineColor: ['outlineColor', 'outline_color'],
  backgroundColor: ['backgroundColor', 'background_color'],
  fontWeight: ['fontWeight', 'font_weight'],
  sourceImageIndex: ['sourceImageIndex', 'source_image_index'],
  widthPct: ['widthPct', 'width_pct'],
  overlayVideoIndex: ['overlayVideoIndex', 'overlay_video_index'],
  xPct: ['xPct', 'x_pct'],
  yPct: ['yPct', 'y_pct'],
  borderColor: ['borderColor', 'border_color'],
} as const

export function readOverlay(given: Json): Overlay {
  const from: JsonObject = isObject(given) ? given : {}
  const position = textAt(from, 'position') ?? 'center'
  const shape = textAt(from, 'shape')
  return {
    kind: textAt(from, 'kind') === 'image' ? 'image' : 'text',
    position: (PLACES as readonly string[]).includes(position) ? (position as Place) : 'center',
    offsetX: numberAt(from, ...SPELLINGS.offsetX),
    offsetY: numberAt(from, ...SPELLINGS.offsetY),
    xPct: numberAt(from, ...SPELLINGS.xPct),
    yPct: numberAt(from, ...SPELLINGS.yPct),
    start: numberAt(from, ...SPELLINGS.startSeconds) ?? 0,
    end: numberAt(from, ...SPELLINGS.endSeconds),
    text: textAt(from, 'text') ?? '',
    fontSizePct: numberAt(from, ...SPELLINGS.fontSizePct) ?? FONT.usual,
    color: textAt(from, 'color') ?? '#FFFFFF',
    outlineColor: textAt(from, ...SPELLINGS.outlineColor) ?? '#000000',
    backgroundColor: textAt(from, ...SPELLINGS.backgroundColor),
    isBold: textAt(from, ...SPELLINGS.fontWeight) === 'bold',
    imageIndex: numberAt(from, ...SPELLINGS.sourceImageIndex),
    clipIndex: numberAt(from, ...SPELLINGS.overlayVideoIndex),
    widthPct: numberAt(from, ...SPELLINGS.widthPct) ?? WIDTH.usual,
    opacity: clamp(numberAt(from, 'opacity') ?? 1, 0, 1),
    isCover: textAt(from, 'fit') === 'cover',
    shape: shape === 'rounded' || shape === 'circle' ? shape : 'none',
    borderColor: textAt(from, ...SPELLINGS.borderColor) || null,
    hasShadow: from.shadow === true,
  }
}

/** Return the times at which it comes and goes, on a clip of that length. */
export function timesOf(overlay: Overlay, duration: number): { start: number; end: number } {
  const start = clamp(fromEnd(overlay.start, duration), 0, duration)
  const end = overlay.end === null ? duration : fromEnd(overlay.end, duration)
  return { start, end: clamp(end, start, duration) }
}

export function isShownAt(overlay: Overlay, time: number, duration: number): boolean {
  const { start, end } = timesOf(overlay, duration)
  // The last frame of the clip is part of what lasts until its end.
  return time >= start && (time < end || end >= duration)
}

/** A copy with some fields set; undefined takes one away, under whatever spelling it is. */
export function withFields(
  given: Json,
  fields: Readonly<Record<string, Json | undefined>>,
): JsonObject {
  const next: JsonObject = isObject(given) ? { ...given } : {}
  for (const [name, value] of Object.entries(fields)) {
    const spellings = Object.hasOwn(SPELLINGS, name)
      ? SPELLINGS[name as keyof typeof SPELLINGS]
      : [name]
    for (const spelling of spellings) delete next[spelling]
    if (value !== undefined) next[name] = value
  }
  return next
}

export function placingFields(placing: Placing): Record<string, Json | undefined> {
  const { position, offsetX, offsetY, xPct, yPct } = placing
  return {
    position,
    offsetX: offsetX ?? undefined,
    offsetY: offsetY ?? undefined,
    xPct: xPct ?? undefined,
    yPct: yPct ?? undefined,
  }
}

/** From where to where; an end at the clip's end is left out, so that it stays. */
export function timeFields(
  { start, end }: { start: number; end: number },
  duration: number,
): Record<string, Json | undefined> {
  const stays = end >= duration - 0.0005
  return {
    startSeconds: start <= 0 ? undefined : thousandths(start),
    endSeconds: stays ? undefined : thousandths(end),
  }
}

export type Kind = 'text' | 'image' | 'clip'

export function kindOf({ kind, clipIndex }: Overlay): Kind {
  return kind === 'text' ? 'text' : clipIndex === null ? 'image' : 'clip'
}

/** Return the fields of a new overlay. place: of its picture or clip among those of the stage. */
export function newOverlay(kind: Kind, place = 0): JsonObject {
  switch (kind) {
    case 'text':
      return { kind, position: 'bottom-center', text: 'Your text' }
    case 'image':
      return { kind, position: 'top-right', sourceImageIndex: place }
    case 'clip':
      return { kind: 'image', position: 'bottom-right', overlayVideoIndex: place, widthPct: 30 }
  }
}

/** Return its name in a list: its first line, "Image", "Video". */
export function nameOf(overlay: Overlay): string {
  const kind = kindOf(overlay)
  if (kind !== 'text') return kind === 'clip' ? 'Video' : 'Image'
  return overlay.text.trim().split('\n')[0] || 'Empty text'
}

/** Return the place of an overlay's picture: as it says, else the next one that no other takes. */
export function placeOf(overlays: readonly Overlay[], at: number): number {
  const overlay = overlays[at]
  const index = overlay?.clipIndex ?? overlay?.imageIndex
  if (index !== null && index !== undefined) return index
  return overlays
    .slice(0, at)
    .filter((one) => one.kind === 'image' && one.imageIndex === null && one.clipIndex === null)
    .length
}
