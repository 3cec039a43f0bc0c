import type { FocusEvent, MouseEvent } from 'react'

type Field = HTMLInputElement | HTMLTextAreaElement

/**
 * Handlers of a field that names something, as file names do it: coming to it selects the whole
 * name, so that typing replaces it. A click in a name that is being edited places the caret as
 * usual.
 */
export const SELECTING = {
  onFocus: ({ currentTarget }: FocusEvent<Field>) => currentTarget.select(),
  onMouseDown: (event: MouseEvent<Field>) => {
    const field = event.currentTarget
    if (event.button !== 0 || document.activeElement === field) return
    // The browser would place the caret after the focus and so undo the selection.
    event.preventDefault()
    field.focus()
  },
}
