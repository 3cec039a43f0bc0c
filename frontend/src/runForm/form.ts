/** The form that runs a template: its rows, sliders and media, and sending it once. */

import { around, pastedFile } from '../frame/events'
import { toast } from '../frame/toasts'
import { boundChecks, pairSlider } from './controls'
import { dropOf, prepareDrops } from './drop'
import { markProblems, unmark } from './problems'
import { Rows } from './rows'

/** send: sends it in the browser's place, until which it can't be sent again. */
export function prepareForm(form: HTMLFormElement, send?: () => Promise<void>): void {
  const announceChange = () => form.dispatchEvent(new Event('change', { bubbles: true }))
  for (const slider of form.querySelectorAll<HTMLInputElement>('[data-slider]')) pairSlider(slider)
  for (const box of form.querySelectorAll<HTMLElement>('[data-rows]'))
    Rows.prepare(box, announceChange)
  for (const group of form.querySelectorAll<HTMLElement>('[data-checks]')) boundChecks(group)
  prepareDrops(form)
  takeFiles(form)
  sendOnce(form, send)
  for (const name of ['input', 'change']) {
    form.addEventListener(name, (event) => unmark(around(event, '[data-field]')))
  }
  // After a refused start, Reload shows the page with what was typed instead of asking to send it
  // again.
  if (form.querySelector('[aria-invalid], .try-problems')) {
    history.replaceState(null, '', location.href)
  }
}

/** Files that are pasted anywhere on the page, and those that miss a field. */
function takeFiles(form: HTMLFormElement): void {
  document.addEventListener('paste', (event) => {
    const file = pastedFile(event)
    if (!file) return
    const kind = file.type.split('/')[0]
    const zone = dropOf(document.activeElement)
    const fitting = [...form.querySelectorAll(`[data-drop="${kind}"]`)].map(dropOf)
    // Only the field that has the focus gives a chosen file up for another.
    const target = zone?.kind === kind ? zone : fitting.find((one) => one && !one.isChosen)
    if (!target && fitting.some((one) => one?.takesFiles))
      toast('Select the field that takes the file, then paste again.')
    if (!target?.takesFiles) return
    event.preventDefault()
    target.take(file)
  })
  // A file dropped beside a field would replace the page, and all that was typed.
  for (const name of ['dragover', 'drop']) {
    document.addEventListener(name, (event) => event.preventDefault())
  }
}

/** A second click must not start a second run; coming back must find the button alive. */
function sendOnce(form: HTMLFormElement, send?: () => Promise<void>): void {
  let isSent = false
  const release = () => {
    isSent = false
    for (const button of runButtons()) button.removeAttribute('aria-disabled')
  }
  form.addEventListener('submit', (event) => {
    const { submitter } = event
    if (submitter instanceof HTMLButtonElement && submitter.formNoValidate) return
    if (holdBack(form) || isSent) {
      event.preventDefault()
      return
    }
    isSent = true
    for (const button of runButtons()) button.setAttribute('aria-disabled', 'true')
    if (!send) return
    event.preventDefault()
    void send().finally(release)
  })
  addEventListener('pageshow', release)
}

/** Say what keeps the form from being sent. False: nothing does. */
function holdBack(form: HTMLFormElement): boolean {
  const [first] = markProblems(form)
  if (first) {
    first.focus()
    return true
  }
  const isBusy = [...form.querySelectorAll('[data-drop]')].some((zone) => dropOf(zone)?.isBusy)
  if (isBusy) toast("A file is still uploading. Run when it's done.")
  return isBusy
}

/** In the form, and on a phone below the page. */
export function runButtons(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-run]')]
}
