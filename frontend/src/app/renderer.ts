/** Makes Preact keep three promises of React that components rely on. */

import { options } from 'preact'

// What handlers of an event change is drawn when all of them have run: the browser would let it
// happen between two elements on the event's way, and the outer one would find another page.
options.debounceRendering = (draw) => {
  queueMicrotask(() => {
    const { event } = window
    const isOver = !event?.eventPhase || event.currentTarget === window
    if (isOver || !event.bubbles || event.cancelBubble) return draw()
    window.addEventListener(event.type, draw, { once: true })
    for (const name of ['stopPropagation', 'stopImmediatePropagation'] as const) {
      const stop = event[name]
      event[name] = () => {
        stop.call(event)
        queueMicrotask(draw)
      }
    }
  })
}

// An effect has run before the next key or click, also where nothing is painted in between.
options.requestAnimationFrame = queueMicrotask

// An element that is taken away isn't left: a field that writes its text on `blur` would write over
// what has just replaced it. Browsers send the event all the same.
let isRemoving = false
const earlier = { ...options }
options.unmount = (node) => {
  isRemoving = true
  earlier.unmount?.(node)
}
options.diffed = (node) => {
  isRemoving = false
  earlier.diffed?.(node)
}
for (const type of ['blur', 'focusout'])
  window.addEventListener(type, (event) => isRemoving && event.stopImmediatePropagation(), true)
