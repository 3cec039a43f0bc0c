/** The encodings of a text file that isn't UTF-8: a person sees a line of each and chooses. */

export interface Reading {
  readonly encoding: string
  /** The first line with letters beyond ASCII. */
  readonly sample: string
  readonly text: string
}

/** The names that people know, and the languages in which they are usual. */
const ENCODINGS: readonly { name: string; label: string; languages: readonly string[] }[] = [
  { name: 'Windows-1252', label: 'windows-1252', languages: [] },
  { name: 'Windows-1250', label: 'windows-1250', languages: ['pl', 'cs', 'sk', 'hu', 'sl', 'hr'] },
  { name: 'Windows-1251', label: 'windows-1251', languages: ['ru', 'uk', 'bg', 'sr', 'be'] },
  { name: 'Windows-1253', label: 'windows-1253', languages: ['el'] },
  { name: 'Windows-1254', label: 'windows-1254', languages: ['tr'] },
  { name: 'Windows-1255', label: 'windows-1255', languages: ['he'] },
  { name: 'Windows-1256', label: 'windows-1256', languages: ['ar', 'fa'] },
  { name: 'Windows-1257', label: 'windows-1257', languages: ['lt', 'lv', 'et'] },
  { name: 'Windows-1258', label: 'windows-1258', languages: ['vi'] },
  { name: 'Windows-874', label: 'windows-874', languages: ['th'] },
  { name: 'Big5', label: 'big5', languages: ['zh-TW', 'zh-HK'] },
  { name: 'GB18030', label: 'gb18030', languages: ['zh'] },
  { name: 'Shift-JIS', label: 'shift_jis', languages: ['ja'] },
  { name: 'EUC-JP', label: 'euc-jp', languages: ['ja'] },
  { name: 'EUC-KR', label: 'euc-kr', languages: ['ko'] },
  { name: 'Mac Roman', label: 'macintosh', languages: [] },
]
const SAMPLE = 60
const BEYOND_ASCII = /[^\p{ASCII}]/u

/** Read a file that is UTF-8 or UTF-16 with its mark; null for any other. */
export function readUnicode(bytes: Uint8Array): string | null {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return decode(bytes, 'utf-16le')
  if (first === 0xfe && second === 0xff) return decode(bytes, 'utf-16be')
  return decode(bytes, 'utf-8')
}

/** Read a file in each encoding that it may have, those of these languages first. */
export function readingsOf(bytes: Uint8Array, languages: readonly string[]): readonly Reading[] {
  const readings: Reading[] = []
  const rank = (entry: (typeof ENCODINGS)[number]) => {
    const place = languages.findIndex((language) =>
      entry.languages.some((code) => language === code || language.split('-')[0] === code),
    )
    return place < 0 ? languages.length : place
  }
  for (const entry of [...ENCODINGS].sort((entry, other) => rank(entry) - rank(other))) {
    const text = decode(bytes, entry.label)
    const line = text?.split('\n').find((row) => BEYOND_ASCII.test(row))
    if (text == null || line === undefined) continue
    const start = Math.max(0, line.search(BEYOND_ASCII) - SAMPLE / 2)
    const sample = line.slice(start, start + SAMPLE).trim()
    if (readings.every((reading) => reading.text !== text))
      readings.push({ encoding: entry.name, sample, text })
  }
  return readings
}

function decode(bytes: Uint8Array, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
