import { AudioLines, Box, Link2 } from 'lucide-react'
import type { MediaKind } from '../../api/schema'
import { useEditor } from '../../editor/store'

/** A small look at a file. Sound has no look but its sign. */
export function Thumb({ url, kind }: { url: string; kind: MediaKind }) {
  if (kind === 'image') return <img className="thumb" src={url} alt="" loading="lazy" />
  if (kind === 'video')
    return <video className="thumb" src={`${url}#t=0.1`} preload="metadata" muted playsInline />
  const Icon = kind === 'audio' ? AudioLines : Box
  return (
    <span className="thumb">
      <Icon className="i i-20" aria-hidden />
    </span>
  )
}

/** A look at what a document names: a reference of ours, or an address elsewhere. */
export function ValueThumb({ value }: { value: string }) {
  const medium = useEditor((state) => state.media[value])
  if (medium) return <Thumb url={medium.url} kind={medium.kind} />
  // Nothing of outsiders is loaded into the page: that would tell them who looks.
  return (
    <span className="thumb">
      <Link2 className="i" aria-hidden />
    </span>
  )
}
