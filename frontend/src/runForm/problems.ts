/** The values that are missing in a form, and those that their fields don't take. */

import { dropOf } from './drop'

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

const CONTROLS = 'input:not([type=hidden], [data-file], [data-slider]), select, textarea'

/** Mark each field that cannot be sent as it is. The controls to go to, in the form's order. */
export function markProblems(form: HTMLFormElement): HTMLElement[] {
  return markEach(form, problemOf)
}

/** Mark the fields that the server refused. problems: by input. The controls to go to. */
export function markRefused(
  form: HTMLFormElement,
  problems: ReadonlyMap<string, string>,
): HTMLElement[] {
  return markEach(form, (field) => problems.get(field.dataset.field ?? '') ?? '')
}

function markEach(form: HTMLFormElement, problemIn: typeof problemOf): HTMLElement[] {
  const goals: HTMLElement[] = []
  for (const field of form.querySelectorAll<HTMLElement>('[data-field]')) {
    const controls = [...field.querySelectorAll<Control>(CONTROLS)]
    const problem = problemIn(field, controls)
    unmark(field)
    if (!problem) continue
    mark(field, controls, problem)
    const drop = dropOf(field.querySelector('[data-drop]'))
    const goal = drop?.goal ?? controls.find((one) => !one.checkValidity()) ?? controls[0]
    if (goal) goals.push(goal)
  }
  return goals
}

/** A field that is being corrected is no longer marked. */
export function unmark(field: HTMLElement | null): void {
  if (!field) return
  field.querySelector(':scope > .help-bad')?.remove()
  for (const one of field.querySelectorAll("[aria-invalid], [aria-describedby$='-bad']")) {
    one.removeAttribute('aria-invalid')
    const help = document.getElementById(`input.${field.dataset.field}-help`)
    if (help) one.setAttribute('aria-describedby', help.id)
    else one.removeAttribute('aria-describedby')
  }
}

function problemOf(field: HTMLElement, controls: readonly Control[]): string {
  // What is typed into a number's field and is none has no value.
  const isMisfit = controls.some(
    ({ type, validity }) => type === 'number' && !validity.valid && !validity.valueMissing,
  )
  if (isMisfit) return field.dataset.misfit ?? ''
  return controls.some(isGiven) ? '' : (field.dataset.missing ?? '')
}

function isGiven(control: Control): boolean {
  const isChoice = control.type === 'checkbox' || control.type === 'radio'
  if (!isChoice) return control.value.trim() !== ''
  return control instanceof HTMLInputElement && control.checked && control.value !== ''
}

function mark(field: HTMLElement, controls: readonly Control[], problem: string): void {
  const pattern = document.getElementById('field-problem')
  if (!(pattern instanceof HTMLTemplateElement)) return
  const note = pattern.content.firstElementChild?.cloneNode(true)
  if (!(note instanceof HTMLElement)) return
  note.id = `input.${field.dataset.field}-bad`
  const words = note.querySelector('span')
  if (words) words.textContent = problem
  field.append(note)
  for (const one of controls) {
    // Of a group of radio buttons, its description says it.
    if (one.type !== 'radio') one.setAttribute('aria-invalid', 'true')
    one.setAttribute('aria-describedby', note.id)
  }
}
