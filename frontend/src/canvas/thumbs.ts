/**
 * Pictures for cards that the canvas draws, in three sizes: the small ones are kept for all, the
 * large ones for those seen last. They are decoded beside the frame, never in it.
 */

const WIDTHS = [224, 64, 28] as const
const MOST_LARGE = 64
const AT_ONCE = 6

interface Thumb {
  large: ImageBitmap | null
  small: ImageBitmap[]
  state: 'loading' | 'there' | 'failed'
  usedAt: number
}

const thumbs = new Map<string, Thumb>()
const waiting: string[] = []
let busy = 0
let clock = 0
let notify: () => void = () => undefined

/** Set the listener that is called when another picture can be drawn. */
export function onThumb(listener: () => void): void {
  notify = listener
}

/** The picture at about this width in device pixels, or null while it is fetched. */
export function thumb(url: string, width: number): ImageBitmap | null {
  clock += 1
  let entry = thumbs.get(url)
  if (!entry) {
    entry = { large: null, small: [], state: 'loading', usedAt: clock }
    thumbs.set(url, entry)
    ask(url)
  }
  entry.usedAt = clock
  if (entry.state !== 'there') return entry.small[0] ?? null
  if (width <= 40) return entry.small[1] ?? null
  if (width <= 96) return entry.small[0] ?? null
  if (!entry.large) {
    entry.state = 'loading'
    ask(url)
  }
  return entry.large ?? entry.small[0] ?? null
}

function ask(url: string): void {
  waiting.push(url)
  void next()
}

async function next(): Promise<void> {
  if (busy >= AT_ONCE) return
  // The newest first: it is what is seen now.
  const url = waiting.pop()
  const entry = url === undefined ? undefined : thumbs.get(url)
  if (url === undefined || !entry) return
  busy += 1
  try {
    const response = await fetch(url)
    if (!response.ok) throw new Error(String(response.status))
    const blob = await response.blob()
    const [large, ...small] = await Promise.all(
      WIDTHS.map((width) =>
        createImageBitmap(blob, { resizeWidth: width, resizeQuality: 'medium' }),
      ),
    )
    entry.large = large ?? null
    if (entry.small.length === 0) entry.small = small
    else for (const bitmap of small) bitmap.close()
    entry.state = 'there'
    forgetOld()
  } catch {
    // A file that is gone or cannot be decoded: its card keeps the glyph.
    entry.state = 'failed'
  }
  busy -= 1
  notify()
  void next()
}

function forgetOld(): void {
  const large = [...thumbs.values()].filter((known) => known.large)
  if (large.length <= MOST_LARGE) return
  large.sort((one, other) => one.usedAt - other.usedAt)
  for (const entry of large.slice(0, large.length - MOST_LARGE)) {
    entry.large?.close()
    entry.large = null
  }
}
