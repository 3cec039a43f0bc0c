/** A template's page: the form that runs it, its quote, examples, dialogs, sharing. */

import { copyText } from '../frame/clipboard'
import { openLinksInDialog } from '../frame/linkedDialogs'
import { toast } from '../frame/toasts'
import { offerExample } from '../runForm/example'
import { prepareForm } from '../runForm/form'
import { keepFormKey } from '../runForm/formKey'
import { playExamples } from '../templatePage/examples'
import { openToField } from '../templatePage/folds'
import { repeatQuote } from '../templatePage/quote'

const form = document.querySelector<HTMLFormElement>('[data-run-form]')
if (form) {
  prepareForm(form)
  keepFormKey(form)
  offerExample(form)
  repeatQuote()
}
const player = document.getElementById('player')
if (player) playExamples(player)
const dialog = document.getElementById('dialog')
if (dialog instanceof HTMLDialogElement) openLinksInDialog(dialog)

for (const button of document.querySelectorAll<HTMLElement>('[data-share]')) {
  const address = button.dataset.share ?? ''
  button.addEventListener('click', async () => {
    // Without permission, people copy it themselves.
    toast((await copyText(address)) ? 'Link copied.' : address)
  })
}
for (const details of document.querySelectorAll<HTMLDetailsElement>('[data-focus]')) {
  openToField(details)
}
