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
  const target = useRef<{ find: Find; selects: boolean } | null>(null)
  const [, draw] = useState(0)
  useLayoutEffect(() => {
    const { current } = target
    const field = root.current && current?.find(root.current)
    target.current = null
    if (!field) return
    field.focus({ preventScroll: true })
    field.scrollIntoView({ block: 'nearest' })
    if (!(field instanceof HTMLTextAreaElement)) return
    if (current?.selects) field.select()
    else field.setSelectionRange(field.value.length, field.value.length)
  })
  return useCallback((find, selects = false) => {
    target.current = { find, selects }
    // Also where nothing else changes.
    draw((count) => count + 1)
  }, [])
}
