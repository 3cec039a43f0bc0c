/** Subtitle files: SRT and VTT read into lines, lines written as SRT or VTT. */

import { thousandths } from '../film/time'
import { byTime, type Cue } from './cues'

export interface Read {
  readonly cues: readonly Cue[]
  /** The number of blocks that looked like a line but could not be read. */
  readonly lost: number
}

const ARROW = /^\s*([\d:.,]+)\s*-->\s*([\d:.,]+)/
const SECTIONS = /^(NOTE|STYLE|REGION)(\s|$)/

/** Any text: what is a line of subtitles is read, the rest is passed over. Never raises. */
export function readSubtitles(text: string): Read {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/)
  const cues: Cue[] = []
  let lostCount = 0
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (SECTIONS.test(line)) {
      while (at + 1 < lines.length && lines[at + 1]?.trim() !== '') at += 1
      continue
    }
    if (!line.includes('-->')) continue
    const arrow = ARROW.exec(line)
    const start = arrow ? stampTime(arrow[1] ?? '') : null
    const end = arrow ? stampTime(arrow[2] ?? '') : null
    const textLines: string[] = []
    while (at + 1 < lines.length && lines[at + 1]?.trim() !== '') {
      // Some files forget the empty line between two.
      if (lines[at + 1]?.includes('-->')) {
        if (/^\s*\d+\s*$/.test(textLines.at(-1) ?? '')) textLines.pop()
        break
      }
      at += 1
      textLines.push(lines[at] ?? '')
    }
    if (start === null || end === null || end < start) lostCount += 1
    else cues.push({ start, end, text: plain(textLines.join('\n')) })
  }
  return { cues: byTime(cues), lost: lostCount }
}

/** "00:01:02,500", "01:02.500", "62.5"; null when it is none. */
function stampTime(stamp: string): number | null {
  const match = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d{1,2}|\d+)(?:[.,](\d+))?$/.exec(stamp)
  if (!match) return null
  const [, hours = '0', minutes = '0', whole = '0', part = '0'] = match
  const time = Number(hours) * 3600 + Number(minutes) * 60 + Number(`${whole}.${part}`)
  return Number.isFinite(time) ? thousandths(time) : null
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
}

/** Remove the marks of style from a text. */
function plain(text: string): string {
  return text
    .replace(/<\/?(?:[biuvc]|font|lang|ruby|rt)(?:[\s.][^<>]*)?>|<[\d:.]+>/gi, '')
    .replace(/\{\\[^}]*\}/g, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (_, name: string) => ENTITIES[name] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .trim()
}

function stamp(time: number, point: ',' | '.'): string {
  const all = Math.max(0, Math.round(time * 1000))
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  const rest = String(all % 1000).padStart(3, '0')
  return `${two(all / 3_600_000)}:${two((all / 60_000) % 60)}:${two((all / 1000) % 60)}${point}${rest}`
}

/** No empty line may be within a line's words: it would end it. */
function escapeArrows(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim().replaceAll('-->', '→'))
    .filter(Boolean)
    .join('\n')
}

export function writeSrt(cues: readonly Cue[]): string {
  return byTime(cues)
    .map(
      ({ start, end, text }, at) =>
        `${at + 1}\n${stamp(start, ',')} --> ${stamp(end, ',')}\n${escapeArrows(text)}\n`,
    )
    .join('\n')
}

export function writeVtt(cues: readonly Cue[]): string {
  const escapeText = (text: string) =>
    escapeArrows(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const blocks = byTime(cues).map(
    ({ start, end, text }) => `${stamp(start, '.')} --> ${stamp(end, '.')}\n${escapeText(text)}\n`,
  )
  return ['WEBVTT\n', ...blocks].join('\n')
}
