/** The shape of a sound: how loud each of a number of equal parts is, 0 to 1. */

const RATE = 8_000
/** Longer sounds are not read whole only to be drawn. */
const MAX_SECONDS = 600
const cache = new Map<string, Promise<number[] | null>>()

/** Null where the browser cannot tell. id: of the file, for its address changes. */
export function peaksOf(
  medium: { id: string; url: string; duration: number | null },
  parts: number,
): Promise<number[] | null> {
  const key = `${medium.id}/${parts}`
  let peaks = cache.get(key)
  if (!peaks) {
    peaks =
      (medium.duration ?? 0) > MAX_SECONDS ? Promise.resolve(null) : readPeaks(medium.url, parts)
    cache.set(key, peaks)
  }
  return peaks
}

async function readPeaks(url: string, parts: number): Promise<number[] | null> {
  try {
    const bytes = await (await fetch(url)).arrayBuffer()
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes)
    return loudness(sound.getChannelData(0), parts)
  } catch {
    return null
  }
}

/** The loudest moment of each part, so that the loudest of all is 1. */
export function loudness(samples: Float32Array, parts: number): number[] {
  const size = Math.max(1, Math.ceil(samples.length / parts))
  const peaks = Array.from({ length: parts }, (_, part) => {
    let peak = 0
    for (let at = part * size; at < Math.min((part + 1) * size, samples.length); at++)
      peak = Math.max(peak, Math.abs(samples[at] ?? 0))
    return peak
  })
  const loudest = Math.max(...peaks)
  return loudest > 0 ? peaks.map((peak) => peak / loudest) : peaks
}
