import { useEffect, useRef } from 'react'
import type { Size } from '../../parts/mediaTool/view'
import type { InStep } from '../shared/inStep'
import type { Side } from './CompareDialog'

interface Props {
  side: Side
  inStep: InStep
  onSize?: (size: Size) => void
  /** Its sound is heard, and the other keeps its time. */
  isLead?: boolean
}

/** One of the two, fitted into the frame that both have. */
export function Look({ side, inStep, onSize, isLead = false }: Props) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const { current } = video
    return current ? inStep.add(current, isLead) : undefined
  }, [inStep, isLead])
  const name = isLead ? 'After' : 'Before'
  if (side.kind === 'video')
    return (
      <video
        ref={video}
        src={side.url}
        aria-label={name}
        muted={!isLead}
        playsInline
        preload="auto"
        onLoadedMetadata={({ currentTarget: clip }) =>
          onSize?.({ width: clip.videoWidth, height: clip.videoHeight })
        }
      />
    )
  return (
    <img
      src={side.url}
      alt={name}
      draggable={false}
      onLoad={({ currentTarget: image }) =>
        onSize?.({ width: image.naturalWidth, height: image.naturalHeight })
      }
    />
  )
}
