import { type RefObject, useCallback, useLayoutEffect, useRef } from 'react'
import { Dispatcher } from './dispatcher'

/** The pointer on the canvas. frame: the element that holds all of it. */
export function useTools(): {
  frame: RefObject<HTMLElement | null>
  mayMoveView: (event: Event) => boolean
} {
  const frame = useRef<HTMLElement>(null)
  const dispatcher = useRef<Dispatcher | null>(null)
  useLayoutEffect(() => {
    if (!frame.current) return
    dispatcher.current = new Dispatcher(frame.current)
    return dispatcher.current.listen()
  }, [])
  const mayMoveView = useCallback(
    (event: Event) => dispatcher.current?.mayMoveView(event) ?? true,
    [],
  )
  return { frame, mayMoveView }
}
