import { Eye } from 'lucide-react'
import { type ComponentType, useEffect, useRef, useState } from 'react'
import type { SeenFile } from '../../api/schema'

const SIDES = ['Before', 'After'] as const

interface Props {
  /** The earlier one first. */
  sides: readonly SeenFile[]
  title: string
}

export interface ComparisonToolsProps {
  place: HTMLElement
  isFilm: boolean
}

type Tools = ComponentType<ComparisonToolsProps>

/** A result beside what it was made of: side by side, until it is opened and its tools are there. */
export function Comparison({ sides, title }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const fold = useRef<HTMLDetailsElement>(null)
  const [tools, setTools] = useState<{ Found: Tools } | null>(null)
  const prepare = () => {
    if (fold.current?.open)
      import('./ComparisonTools').then(
        ({ ComparisonTools }) => setTools({ Found: ComparisonTools }),
        () => undefined,
      )
  }
  // It may have been opened before this script was there.
  useEffect(prepare, [])
  return (
    <details className="before" ref={fold} onToggle={prepare}>
      <summary>
        <Eye className="i i-14" aria-hidden />
        Before and after
      </summary>
      <div className="before-in" ref={place}>
        {sides.map((side, at) => (
          <Side key={SIDES[at]} side={side} name={SIDES[at] ?? ''} title={title} />
        ))}
      </div>
      {tools && place.current && (
        <tools.Found place={place.current} isFilm={sides[1]?.kind === 'video'} />
      )}
    </details>
  )
}

function Side({ side, name, title }: { side: SeenFile; name: string; title: string }) {
  const label = `${title}, ${name.toLowerCase()}`
  return (
    <figure data-side={name}>
      <figcaption className="glass">{name}</figcaption>
      {side.kind === 'image' ? (
        <img src={side.url} alt={label} loading="lazy" />
      ) : (
        // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
        <video src={side.url} aria-label={label} playsInline controls preload="none" />
      )}
    </figure>
  )
}
