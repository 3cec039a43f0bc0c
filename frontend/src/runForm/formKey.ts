/**
 * The key of a form that starts a run, kept until the run's page is seen: over Back, and over a page
 * of a proxy in place of the answer, the same words start no second run.
 */

import { dropKey, keepKey, openKey } from '../api/startKeys'

/** Give the form the key of a start that has no answer yet, and keep it when the form is sent. */
export function keepFormKey(form: HTMLFormElement): void {
  const field = form.elements.namedItem('key')
  if (!(field instanceof HTMLInputElement)) return
  const place = formPlace()
  const use = () => {
    field.value = openKey(place) || field.value
  }
  use()
  addEventListener('pageshow', use)
  form.addEventListener('submit', () => keepKey(place, field.value))
}

/** A run's page is the answer to the form of the page from which it was opened. */
export function answerForms(): void {
  if (document.referrer) dropKey(placeOf(document.referrer))
}

/** Return the place of the keys of this page's form. */
export function formPlace(): string {
  return placeOf(location.href)
}

function placeOf(address: string): string {
  return `form ${new URL(address).pathname}`
}
