/** Copy buttons: `<button data-copy="<id of a field>" data-copied="what to say" hidden>`. */

import { say } from '../frame/announcements'
import { copyText } from '../frame/clipboard'
import { toast } from '../frame/toasts'

type Field = HTMLInputElement | HTMLTextAreaElement

async function copy(field: Field, told: string): Promise<void> {
  if (await copyText(field.value)) {
    toast('Copied.')
    say(told)
  } else {
    // The text is selected, ready for the keyboard.
    field.focus()
    field.select()
    toast('Press Ctrl C to copy.')
  }
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy ?? '')
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue
  button.hidden = false
  button.addEventListener('click', () => copy(field, button.dataset.copied ?? ''))
  field.addEventListener('focus', () => field.select())
}
