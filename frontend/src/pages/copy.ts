/** Copy buttons: `<button data-copy="<id of a field>" data-copied="what to say" hidden>`. */

import { say } from '../frame/announcements'
import { toast } from '../frame/toasts'

type Field = HTMLInputElement | HTMLTextAreaElement

/** No permission, or a plain http address: the text is selected, ready for the keyboard. */
async function copy(field: Field): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    field.focus()
    field.select()
    return false
  }
}

async function press(button: HTMLButtonElement, field: Field): Promise<void> {
  if (await copy(field)) {
    toast('Copied.')
    say(button.dataset.copied ?? '')
  } else toast('Press Ctrl C to copy.')
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy ?? '')
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue
  button.hidden = false
  button.addEventListener('click', () => press(button, field))
  field.addEventListener('focus', () => field.select())
}
