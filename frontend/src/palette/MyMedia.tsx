import { Search } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { LibraryMedium, MediaKind } from '../api/schema'
import { DRAGGED, type DraggedMedium } from '../canvas/additions'
import { placeMedium } from '../canvas/connect/files'
import { toast } from '../editor/actions'
import { pressedKey } from '../frame/press'
import { useLibrary } from '../inspector/media/library'
import { pickOwn } from '../inspector/media/picked'
import { Thumb } from '../inspector/media/Thumb'
import { endSearchWanted, usePalette } from './state'

const KINDS: readonly (readonly [MediaKind | null, string])[] = [
  [null, 'All'],
  ['image', 'Images'],
  ['video', 'Videos'],
  ['audio', 'Audio'],
]

/** One's own files: click to add one as an input, drag it onto a stage to give it to that. */
export function MyMedia() {
  const [words, setWords] = useState('')
  const [kind, setKind] = useState<MediaKind | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const isSearchWanted = usePalette((state) => state.isSearchWanted)
  useEffect(() => {
    if (!isSearchWanted) return
    search.current?.focus()
    endSearchWanted()
  }, [isSearchWanted])
  const { media, hasMore, isBusy, problem, more } = useLibrary(kind, words.trim())
  // No input takes a 3D model.
  const rows = media?.filter((medium) => medium.kind !== 'model')
  return (
    <>
      <label className="search">
        <Search className="i i-14" aria-hidden />
        <span className="visually-hidden">Search my media</span>
        <input
          ref={search}
          type="search"
          dir="auto"
          placeholder="Search my media"
          value={words}
          maxLength={200}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            const key = pressedKey(event)
            if (key === 'Escape') setWords('')
            if (key === 'Enter' && rows?.[0]) insert(rows[0])
            if (key !== 'ArrowDown') return
            event.preventDefault()
            list.current?.querySelector<HTMLElement>('.medium')?.focus()
          }}
        />
      </label>
      <div className="palette-kinds">
        {KINDS.map(([one, name]) => (
          <button key={name} type="button" aria-pressed={one === kind} onClick={() => setKind(one)}>
            {name}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows walk among the buttons. */}
      <div className="list" ref={list} onKeyDown={walk} aria-busy={isBusy}>
        {!rows && !problem && <p className="help palette-none">Loading…</p>}
        {rows?.length === 0 && (
          <p className="help palette-none">
            {words
              ? `No results for “${words}”.`
              : 'Your uploads and the results of your runs appear here.'}
          </p>
        )}
        {rows && rows.length > 0 && (
          <ul className="palette-media">
            {rows.map((medium) => (
              <li key={medium.reference}>
                <Medium medium={medium} />
              </li>
            ))}
          </ul>
        )}
        {problem && (
          <p className="help help-bad palette-none" role="alert">
            {problem}
          </p>
        )}
        {(hasMore || problem) && (
          <button type="button" className="btn btn-s palette-more" disabled={isBusy} onClick={more}>
            {problem ? 'Try again' : 'Show more'}
          </button>
        )}
      </div>
      <a className="btn ask" href="/me/media">
        Open My media
      </a>
    </>
  )
}

function Medium({ medium }: { medium: LibraryMedium }) {
  return (
    <button
      type="button"
      className="medium"
      draggable
      title={medium.title}
      onDragStart={(event) => {
        const data: DraggedMedium = {
          input: kindOf(medium),
          value: pickOwn(medium).value,
          title: medium.title,
        }
        event.dataTransfer.setData(DRAGGED, JSON.stringify(data))
        event.dataTransfer.effectAllowed = 'copy'
      }}
      onClick={() => insert(medium)}
    >
      <Thumb url={medium.url} kind={medium.kind} />
      <span className="clip" dir="auto">
        {medium.title}
      </span>
    </button>
  )
}

function insert(medium: LibraryMedium): void {
  const { value, title } = pickOwn(medium)
  if (placeMedium({ input: kindOf(medium), value, title })) toast(`Added ${title} as an input.`)
}

function kindOf({ kind }: LibraryMedium): DraggedMedium['input'] {
  return kind === 'model' ? 'image' : kind
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  ArrowDown: 2,
  ArrowUp: -2,
}

/** Two in a row. */
function walk(event: KeyboardEvent<HTMLDivElement>): void {
  const step = STEPS[pressedKey(event)]
  if (step === undefined) return
  event.preventDefault()
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('.medium, .palette-more')]
  const at = all.indexOf(document.activeElement as HTMLElement)
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus()
}
