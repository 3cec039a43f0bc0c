import type { FocusEvent, MouseEvent } from 'react'

/**
 * Handlers of a field that names something, as file names do it: coming to it selects the whole
 * name, so that typing replaces it. A click in a name that is being edited places the caret as
 * usual.
 */
export const SELECTING = {
  onFocus: ({ currentTarget }: FocusEvent<HTMLInputElement>) => currentTarget.select(),
  onMouseDown: (event: MouseEvent<HTMLInputElement>) => {
    const field = event.currentTarget
    if (event.button !== 0 || document.activeElement === field) return
    // The browser would place the caret after the focus and so undo the selection.
    event.preventDefault()
    field.focus()
  },
}
