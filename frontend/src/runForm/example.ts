/** A button fills empty fields with the template's example. */

import { say } from '../frame/announcements'
import { dropOf } from './drop'
import { runButtons } from './form'

type Field = HTMLInputElement | HTMLTextAreaElement

export function offerExample(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLElement>('[data-use-example]')
  if (!button) return
  const emptyFields = () => {
    const fields = [...form.querySelectorAll<Field>('[data-example]')]
    return fields.filter((field) => !field.value.trim())
  }
  button.addEventListener('click', (event) => {
    event.preventDefault()
    for (const field of emptyFields()) fill(field)
    say('Example filled in.')
    runButtons()
      .find((run) => run.offsetParent)
      ?.focus()
  })
  const show = () => {
    button.hidden = emptyFields().length === 0
  }
  for (const name of ['input', 'change']) form.addEventListener(name, show)
  // What was typed before this script came: hidden when Run is pressed, the button would move Run
  // from under the pointer.
  show()
}

function fill(field: Field): void {
  const drop = dropOf(field)
  if (drop) {
    drop.tryExample()
    return
  }
  field.value = field.dataset.example ?? ''
  field.dispatchEvent(new Event('change', { bubbles: true }))
}
