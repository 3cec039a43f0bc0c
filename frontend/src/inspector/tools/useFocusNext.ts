import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'

type Find = (root: HTMLElement) => HTMLElement | null | undefined

/**
 * Moves the keyboard to something that the next drawing brings, before another key can come: what
 * is typed right after the key that added a field is written into it. selects: its text is only an
 * example.
 */
export function useFocusNext(
  root: RefObject<HTMLElement | null>,
): (find: Find, selects?: boolean) => void {
  const wanted = useRef<{ find: Find; selects: boolean } | null>(null)
  const [, draw] = useState(0)
  useLayoutEffect(() => {
    const { current } = wanted
    const field = root.current && current?.find(root.current)
    wanted.current = null
    if (!field) return
    field.focus({ preventScroll: true })
    field.scrollIntoView({ block: 'nearest' })
    if (!(field instanceof HTMLTextAreaElement)) return
    if (current?.selects) field.select()
    else field.setSelectionRange(field.value.length, field.value.length)
  })
  return useCallback((find, selects = false) => {
    wanted.current = { find, selects }
    // Also where nothing else changes.
    draw((count) => count + 1)
  }, [])
}
