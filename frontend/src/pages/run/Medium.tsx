import type { Medium as File } from '../../api/schema'
import { Blocked } from '../../run/shared/Blocked'
import { LazyVideo } from '../parts/LazyVideo'

interface Props {
  file: File
  label: string
  /** It is fetched when it is in view or played. */
  isLazy?: boolean
}

/** One result in its row. A video that a person starts has its sound. */
export function Medium({ file, label, isLazy = false }: Props) {
  if (file.isBlocked) return <Blocked />
  const preload = isLazy ? 'none' : 'metadata'
  switch (file.kind) {
    case 'image':
      return <img src={file.url} alt={label} loading="lazy" data-artifact={file.id} />
    case 'video':
      return (
        // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
        <video
          src={file.url}
          aria-label={label}
          controls
          playsInline
          preload={preload}
          data-artifact={file.id}
        />
      )
    case 'audio':
      return (
        // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
        <audio
          src={file.url}
          aria-label={label}
          controls
          preload={preload}
          data-artifact={file.id}
        />
      )
    case 'model':
      return (
        <img
          src={file.posterUrl ?? ''}
          alt={`${label}, a 3D model`}
          loading="lazy"
          data-model={file.url}
          data-artifact={file.id}
        />
      )
  }
}

/** A small picture of a file that can be seen. */
export function SmallPicture({ file }: { file: File }) {
  if (file.kind === 'video') return <LazyVideo url={file.url} />
  return <img src={file.posterUrl ?? file.url} alt="" loading="lazy" />
}
