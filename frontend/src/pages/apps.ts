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

/** Move an input of the form, as the server does without scripts. */
function move(button: HTMLElement): void {
  const row = button.closest('[data-input]')
  const other = button.classList.contains('app-up')
    ? row?.previousElementSibling
    : row?.nextElementSibling
  if (!row || !other) return
  if (button.classList.contains('app-up')) other.before(row)
  else other.after(row)
  button.focus()
  const place = [...(row.parentElement?.children ?? [])].indexOf(row) + 1
  say(`Moved to place ${place}`)
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
document.addEventListener('input', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return
  const limit = target.form?.querySelector(`[data-limit="${target.name}"]`)
  if (limit) limit.textContent = target.value || target.defaultValue
})
if (form) prepareDrops(form)
// After a form that was sent without htmx: browsers that want a click first refuse it.
const link = newLink()
if (link) void copyLink(link)
