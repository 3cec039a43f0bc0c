/** A press that began on the canvas stays with the canvas until the pointer goes up. */

export interface Held {
  /** No other element gets events of the pointer from here on. Called when it moves, so that clicks stay clicks. */
  capture: () => void
  end: () => void
}

/** Hold a press, and deselect the text of the page: copying means the canvas now. */
export function hold(canvas: HTMLElement, { pointerId, pointerType }: PointerEvent): Held {
  document.getSelection()?.removeAllRanges()
  document.addEventListener('selectstart', prevent, true)
  return {
    capture: () => {
      // A finger is captured by what it touched first.
      if (pointerType !== 'touch') canvas.setPointerCapture(pointerId)
    },
    end: () => {
      document.removeEventListener('selectstart', prevent, true)
      if (canvas.hasPointerCapture(pointerId)) canvas.releasePointerCapture(pointerId)
    },
  }
}

function prevent(event: Event): void {
  event.preventDefault()
}
