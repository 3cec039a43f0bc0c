/** One's own uploads and the results of one's runs, newest first, page by page. */

import { useEffect, useRef, useState } from 'react'
import type { LibraryMedium, MediaKind } from '../../api/schema'
import { Api } from '../../document/api'

const api = new Api()
const TYPING_MS = 250

export interface Library {
  /** null: not known yet. */
  readonly media: readonly LibraryMedium[] | null
  readonly hasMore: boolean
  readonly isBusy: boolean
  readonly problem: string
  /** Read the next page, or again what did not arrive. */
  readonly more: () => void
}

/** kind: null for all; words: what to look for. Read again when either changes. */
export function useLibrary(kind: MediaKind | null, words = ''): Library {
  const [media, setMedia] = useState<readonly LibraryMedium[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const abort = useRef(new AbortController())

  const readPage = async (before: string | null, signal: AbortSignal) => {
    setBusy(true)
    setProblem('')
    try {
      const page = await api.media({ kind, q: words || undefined, before }, { signal })
      if (signal.aborted) return
      setMedia((known) => [...(before === null ? [] : (known ?? [])), ...page.media])
      setNext(page.next)
    } catch (failure) {
      if (!signal.aborted) setProblem(failure instanceof Error ? failure.message : String(failure))
    } finally {
      if (!signal.aborted) setBusy(false)
    }
  }
  const reading = useRef(readPage)
  reading.current = readPage
  const isFirst = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it reads follows from these two.
  useEffect(() => {
    const request = new AbortController()
    abort.current = request
    const timer = setTimeout(
      () => void reading.current(null, request.signal),
      isFirst.current ? 0 : TYPING_MS,
    )
    isFirst.current = false
    return () => {
      clearTimeout(timer)
      request.abort()
    }
  }, [kind, words])
  return {
    media,
    hasMore: next !== null,
    isBusy,
    problem,
    more: () => void readPage(problem && media === null ? null : next, abort.current.signal),
  }
}
