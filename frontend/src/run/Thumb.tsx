import { AudioLines, Ban, Box, Film } from 'lucide-react'
import type { Medium } from '../api/schema'
import { pictureOf } from './pictures'
import { BLOCKED } from './shared/Blocked'

/** A file as a small picture; the words are its neighbour's. */
export function Thumb({ medium }: { medium: Medium }) {
  if (medium.isBlocked) return <Ban className="i" aria-label={BLOCKED} />
  const picture = pictureOf(medium)
  if (picture) return <img src={picture} alt="" loading="lazy" decoding="async" />
  // A film without a poster shows its first frame.
  if (medium.kind === 'video')
    return <video src={medium.url} preload="metadata" muted playsInline />
  const Glyph = { audio: AudioLines, model: Box, image: Film }[medium.kind]
  return <Glyph className="i" aria-hidden />
}
