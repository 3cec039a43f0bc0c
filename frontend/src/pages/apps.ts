/** Making guest links, which are copied at once, and the settings of an app. */

import { say } from '../frame/announcements'
import { copyText } from '../frame/clipboard'
import { around } from '../frame/events'
import { toast } from '../frame/toasts'
import { prepareDrops } from '../runForm/drop'

const newLink = () => document.querySelector<HTMLInputElement>('[data-new-link]')
const form = document.querySelector<HTMLFormElement>('[data-app-form]')

async function copyLink(field: HTMLInputElement): Promise<boolean> {
  const isCopied = await copyText(field.value)
  if (isCopied) {
    // Toasts are below a dialog.
    const words = document.querySelector('[data-copy-link] span')
    if (words) words.textContent = 'Copied'
    say('Link copied.')
  }
  return isCopied
}

/** Move an input of the form by a button, as the server does without scripts. */
function move(button: HTMLElement): void {
  const row = button.closest('[data-input]')
  const other = button.classList.contains('app-up')
    ? row?.previousElementSibling
    : row?.nextElementSibling
  if (!row || !other) return
  if (button.classList.contains('app-up')) other.before(row)
  else other.after(row)
  button.focus()
  sayPlace(row)
}

function sayPlace(row: Element): void {
  const place = [...(row.parentElement?.children ?? [])].indexOf(row) + 1
  say(`Moved to place ${place}`)
}

/** Drag an input by its handle: it takes the place of the one that the pointer is over. */
function dragRow(handle: HTMLElement, { pointerId, button }: PointerEvent): void {
  const row = handle.closest('[data-input]')
  if (!row || button !== 0) return
  handle.setPointerCapture(pointerId)
  let hasMoved = false
  handle.onpointermove = ({ clientX, clientY }) => {
    const over = document.elementFromPoint(clientX, clientY)?.closest('[data-input]')
    if (!over || over === row || over.parentElement !== row.parentElement) return
    const { top, height } = over.getBoundingClientRect()
    const isAfter = (row.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
    // Only beyond its middle, or a tall one would change places to and fro.
    if (isAfter !== clientY > top + height / 2) return
    // The other one moves: a node that is taken out of the page loses the pointer.
    if (isAfter) row.before(over)
    else row.after(over)
    hasMoved = true
  }
  handle.onlostpointercapture = () => {
    handle.onpointermove = null
    if (hasMoved) sayPlace(row)
  }
}

document.addEventListener('htmx:afterSwap', () => {
  const field = newLink()
  if (field?.closest('[data-guest-link]')) void copyLink(field)
})
document.addEventListener('click', async (event) => {
  const field = newLink()
  const mover = around<HTMLElement>(event, '[name="move"]')
  if (mover) {
    event.preventDefault()
    move(mover)
  } else if (field && around(event, '[data-copy-link]') && !(await copyLink(field))) {
    // The text is selected, ready for the keyboard.
    field.select()
    toast('Press Ctrl C to copy.')
  }
})
document.addEventListener('pointerdown', (event) => {
  const handle = around<HTMLElement>(event, '[data-drag]')
  if (handle) dragRow(handle, event)
})
document.addEventListener('input', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return
  const limit = target.form?.querySelector(`[data-limit="${target.name}"]`)
  if (limit) limit.textContent = target.value || target.defaultValue
})
if (form) prepareDrops(form)
// After a form that was sent without htmx: browsers that want a click first refuse it.
const link = newLink()
if (link) void copyLink(link)
