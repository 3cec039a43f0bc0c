/** The media of a graph, small, as they are embedded in an exported picture. */

import type { Embedded, Pictures } from './shapes'

const AT_ONCE = 6
/** With more pictures than that each is smaller, so that files stay handy. */
const MANY = 120

/** Those that cannot be read are left out: their stages show the sign of what they make. */
export async function picturesOf(urls: Iterable<string>): Promise<Pictures> {
  const waiting = [...new Set(urls)]
  const width = waiting.length > MANY ? 224 : 448
  const embeds = new Map<string, Embedded>()
  const work = async () => {
    for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
      try {
        embeds.set(url, await embed(url, width))
      } catch {
        // Gone, or nothing that this browser can decode.
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return embeds
}

async function embed(url: string, width: number): Promise<Embedded> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(String(response.status))
  const bitmap = await createImageBitmap(await response.blob(), {
    resizeWidth: width,
    resizeQuality: 'medium',
  })
  const canvas = document.createElement('canvas')
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
  bitmap.close()
  const href = canvas.toDataURL('image/jpeg', 0.82)
  return { href, image: canvas, width: canvas.width, height: canvas.height }
}
