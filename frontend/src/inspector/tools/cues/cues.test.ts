import { describe, expect, it } from 'vitest'
import {
  addAt,
  byTime,
  type Cue,
  cueAt,
  doubtsOf,
  doubtWords,
  mergeNext,
  partWords,
  removeAt,
  retime,
  rewrite,
  speedOf,
  splitAt,
} from './cues'
import { readingsOf, readUnicode } from './encodings'
import { readSubtitles, writeSrt, writeVtt } from './srt'

const LINES: readonly Cue[] = [
  { start: 0, end: 2, text: 'The light comes on' },
  { start: 2.5, end: 4, text: 'before the fog does.' },
]

/** "1" and a time, then a line in these bytes. */
function bytesOf(...line: number[]): Uint8Array {
  const head = new TextEncoder().encode('1\n00:00:01,000 --> 00:00:02,500\n')
  return Uint8Array.from([...head, ...line])
}

describe('files that are not UTF-8', () => {
  it.each([
    ['Windows-1251', 'ru-RU', 'Привет', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]],
    ['Windows-1250', 'pl', 'żółw', [0xbf, 0xf3, 0xb3, 0x77]],
    ['Windows-1253', 'el-GR', 'Αθήνα', [0xc1, 0xe8, 0xde, 0xed, 0xe1]],
    ['GB18030', 'zh-CN', '北京', [0xb1, 0xb1, 0xbe, 0xa9]],
    ['Big5', 'zh-TW', '台北', [0xa5, 0x78, 0xa5, 0x5f]],
    ['Shift-JIS', 'ja', '東京', [0x93, 0x8c, 0x8b, 0x9e]],
    ['EUC-KR', 'ko-KR', '서울', [0xbc, 0xad, 0xbf, 0xef]],
    ['Mac Roman', 'de', 'Grün', [0x47, 0x72, 0x9f, 0x6e]],
  ])('%s is among what a person chooses from', (encoding, language, line, bytes) => {
    const file = bytesOf(...bytes)
    expect(readUnicode(file)).toBeNull()
    const readings = readingsOf(file, [language, 'en'])
    const reading = readings.find((one) => one.encoding === encoding)
    expect(reading?.sample).toBe(line)
    expect(readSubtitles(reading?.text ?? '').cues).toEqual([{ start: 1, end: 2.5, text: line }])
    // Those of the browser's language come first.
    if (language !== 'de') expect(readings[0]?.encoding).toBe(encoding)
    expect(readings.every(({ sample }) => !sample.includes('\uFFFD'))).toBe(true)
  })

  it('with a mark are read without a question', () => {
    expect(readUnicode(Uint8Array.from([0xff, 0xfe, 0x41, 0x00, 0x3f, 0x04]))).toBe('Aп')
    expect(readUnicode(new TextEncoder().encode('é'))).toBe('é')
  })
})

describe('subtitle files', () => {
  it('are read as SRT, with numbers, commas and several rows', () => {
    const text =
      '\uFEFF1\r\n00:00:01,000 --> 00:00:02,500\r\nThe light\r\ncomes on.\r\n\r\n2\r\n00:01:02,050 --> 00:01:04,000\r\nSecond\r\n'
    expect(readSubtitles(text)).toEqual({
      cues: [
        { start: 1, end: 2.5, text: 'The light\ncomes on.' },
        { start: 62.05, end: 64, text: 'Second' },
      ],
      lost: 0,
    })
  })

  it('are read as VTT, without its notes, styles, names and settings', () => {
    const text = `WEBVTT - a film

STYLE
::cue { color: red }

NOTE not shown --> really
second row

intro
00:01.000 --> 00:02.000 line:0 align:start
<v Mira>Hello <b>there</b> &amp; <i>you</i></v>

01:00:00.5 --> 01:00:01.25
Late`
    expect(readSubtitles(text).cues).toEqual([
      { start: 1, end: 2, text: 'Hello there & you' },
      { start: 3600.5, end: 3601.25, text: 'Late' },
    ])
  })

  it('are read where empty lines were forgotten, and put in order', () => {
    const text = '1\n00:00:03,000 --> 00:00:04,000\nLater\n2\n00:00:01,000 --> 00:00:02,000\nSooner'
    expect(readSubtitles(text).cues.map((cue) => cue.text)).toEqual(['Sooner', 'Later'])
  })

  it('say how many lines could not be read', () => {
    const text = 'x --> y\nWhat\n\n00:00:05,000 --> 00:00:04,000\nBackwards\n\n0:01 --> 0:02\nGood'
    expect(readSubtitles(text)).toEqual({ cues: [{ start: 1, end: 2, text: 'Good' }], lost: 2 })
    expect(readSubtitles('')).toEqual({ cues: [], lost: 0 })
    expect(readSubtitles('Words, and no times.')).toEqual({ cues: [], lost: 0 })
  })

  it('are written as SRT and as VTT', () => {
    expect(writeSrt(LINES)).toBe(
      '1\n00:00:00,000 --> 00:00:02,000\nThe light comes on\n\n2\n00:00:02,500 --> 00:00:04,000\nbefore the fog does.\n',
    )
    expect(writeVtt([{ start: 3661.5, end: 3662, text: 'a < b & c' }])).toBe(
      'WEBVTT\n\n01:01:01.500 --> 01:01:02.000\na &lt; b &amp; c\n',
    )
  })

  it('give back what was written, whatever is said', () => {
    const cues = [
      { start: 0, end: 1.001, text: 'One\nand two' },
      { start: 1.001, end: 2, text: '5 < 6 & 7 > 3' },
      { start: 7200.25, end: 7201, text: 'Ünïcödé, 灯台 – 🌊' },
      { start: 7201, end: 7202, text: '42' },
    ]
    expect(readSubtitles(writeSrt(cues)).cues).toEqual(cues)
    expect(readSubtitles(writeVtt(cues)).cues).toEqual(cues)
  })

  it('have no empty row within a line, which would end it', () => {
    const [cue] = readSubtitles(writeSrt([{ start: 0, end: 1, text: 'One\n\nTwo --> three' }])).cues
    expect(cue?.text).toBe('One\nTwo → three')
  })
})

describe('lines', () => {
  it('are added at the playhead, up to the next line or the end', () => {
    expect(addAt(LINES, 2, 10)).toEqual({
      cues: [LINES[0], { start: 2, end: 2.5, text: '' }, LINES[1]],
      at: 1,
    })
    expect(addAt([], 1, 10).cues).toEqual([{ start: 1, end: 3, text: '' }])
    expect(addAt([], 4.5, 5).cues).toEqual([{ start: 4.5, end: 5, text: '' }])
    expect(addAt([], 5, 5).cues).toEqual([{ start: 4.8, end: 5, text: '' }])
  })

  it('are split at the playhead with their words, else in the middle', () => {
    const made = splitAt(LINES, 0, 0.6)
    expect(made?.cues.slice(0, 2)).toEqual([
      { start: 0, end: 0.6, text: 'The' },
      { start: 0.6, end: 2, text: 'light comes on' },
    ])
    expect(made?.at).toBe(1)
    expect(splitAt(LINES, 0, 9)?.cues[0]).toEqual({ start: 0, end: 1, text: 'The light' })
    expect(splitAt([{ start: 0, end: 0.3, text: 'No' }], 0, 0.1)).toBeNull()
    expect(partWords('word', 0.5)).toEqual(['word', ''])
  })

  it('are joined with the next one', () => {
    expect(mergeNext(LINES, 0)).toEqual({
      cues: [{ start: 0, end: 4, text: 'The light comes on before the fog does.' }],
      at: 0,
    })
    expect(mergeNext(LINES, 1)).toBeNull()
  })

  it('are removed, and the one in their place is the next to go on with', () => {
    expect(removeAt(LINES, 0)).toEqual({ cues: [LINES[1]], at: 0 })
    expect(removeAt(LINES, 1).at).toBe(0)
    expect(removeAt([LINES[0] as Cue], 0)).toEqual({ cues: [], at: -1 })
  })

  it('get other times, stay in the clip and in order', () => {
    expect(retime(LINES, 0, { start: 1.95 }, 10).cues[0]?.start).toBe(1.8)
    expect(retime(LINES, 1, { end: 99 }, 10).cues[1]?.end).toBe(10)
    expect(retime(LINES, 0, { start: 9, end: 11 }, 10)).toEqual({
      cues: [LINES[1], { start: 8, end: 10, text: 'The light comes on' }],
      at: 1,
    })
    expect(rewrite(LINES, 1, 'New')[1]?.text).toBe('New')
    expect(byTime([...LINES].reverse())).toEqual(LINES)
  })

  it('are found at a time', () => {
    expect([0, 1.999, 2, 2.5, 4].map((time) => cueAt(LINES, time))).toEqual([0, 0, -1, 1, -1])
  })

  it('are doubted when they overlap, are too fast, empty, late or backwards', () => {
    const cues = [
      { start: 0, end: 2, text: 'x'.repeat(41) },
      { start: 1.5, end: 3, text: ' ' },
      { start: 11, end: 12, text: 'Late' },
      { start: 13, end: 12, text: 'Back' },
    ]
    expect(doubtsOf(cues, 10)).toEqual([
      ['overlap', 'fast'],
      ['overlap', 'empty'],
      ['late'],
      ['backwards'],
    ])
    expect(doubtsOf(LINES, 10)).toEqual([[], []])
    expect(doubtWords('fast', cues[0] as Cue)).toBe(
      '21 characters per second. Over 20 is hard to read.',
    )
  })

  it('are as fast as their signs, row breaks aside', () => {
    expect(speedOf({ start: 0, end: 2, text: 'abcd\nefgh' })).toBe(4.5)
    expect(speedOf({ start: 1, end: 1, text: 'a' })).toBe(Number.POSITIVE_INFINITY)
    expect(speedOf({ start: 0, end: 1, text: '👩‍🚀' })).toBeGreaterThan(0)
  })
})
