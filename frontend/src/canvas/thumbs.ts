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
let changed: () => void = () => undefined

/** Set the listener that is called when another picture can be drawn. */
export function onThumb(listener: () => void): void {
  changed = listener
}

/** The picture at about this width in device pixels, or null while it is fetched. */
export function thumb(url: string, width: number): ImageBitmap | null {
  clock += 1
  let known = thumbs.get(url)
  if (!known) {
    known = { large: null, small: [], state: 'loading', usedAt: clock }
    thumbs.set(url, known)
    ask(url)
  }
  known.usedAt = clock
  if (known.state !== 'there') return known.small[0] ?? null
  if (width <= 40) return known.small[1] ?? null
  if (width <= 96) return known.small[0] ?? null
  if (!known.large) {
    known.state = 'loading'
    ask(url)
  }
  return known.large ?? known.small[0] ?? null
}

function ask(url: string): void {
  waiting.push(url)
  void next()
}

async function next(): Promise<void> {
  if (busy >= AT_ONCE) return
  // The newest first: it is what is seen now.
  const url = waiting.pop()
  const known = url === undefined ? undefined : thumbs.get(url)
  if (url === undefined || !known) return
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
    known.large = large ?? null
    if (known.small.length === 0) known.small = small
    else for (const bitmap of small) bitmap.close()
    known.state = 'there'
    forgetOld()
  } catch {
    // A file that is gone or cannot be decoded: its card keeps the glyph.
    known.state = 'failed'
  }
  busy -= 1
  changed()
  void next()
}

function forgetOld(): void {
  const large = [...thumbs.values()].filter((known) => known.large)
  if (large.length <= MOST_LARGE) return
  large.sort((one, other) => one.usedAt - other.usedAt)
  for (const known of large.slice(0, large.length - MOST_LARGE)) {
    known.large?.close()
    known.large = null
  }
}
