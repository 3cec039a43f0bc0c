/** The console by keyboard; `?` lists the keys. Each is also a link, a field or a button. */

import { around } from '../frame/events'
import type { Bulk } from './bulk'
import type { Decision } from './decision'

const TYPING = 'input:not([type=radio], [type=checkbox]), textarea, select, dialog[open], [popover]'
const SENT = '[data-decide], [data-answer]'
const DECISIONS = ['1', '2', '3', '4']
const LINKS = ['u', 'c', 's', 'r', 'm', 'd']

interface Console {
  readonly decision: Decision | null
  readonly bulk: Bulk | null
}

export function listenForKeys(page: Console): void {
  document.addEventListener('keydown', (event) => {
    const { ctrlKey, metaKey, altKey } = event
    if (event.key === 'Enter' && (ctrlKey || metaKey)) send(event, page)
    else if (ctrlKey || metaKey || altKey || around(event, TYPING)) return
    else if (press(event, page)) event.preventDefault()
  })
}

function send(event: KeyboardEvent, { decision }: Console): void {
  const sent = around<HTMLFormElement>(event, SENT) ?? decision?.form
  const isOther = around(event, 'form') && !around(event, `${SENT}, [data-bulk]`)
  if (!sent || isOther) return
  event.preventDefault()
  sent.requestSubmit()
}

/** False: the key means nothing here. */
function press({ key: pressed, shiftKey }: KeyboardEvent, { decision, bulk }: Console): boolean {
  const key = pressed.toLowerCase()
  if (key === 'x') return bulk?.toggle(shiftKey) ?? false
  if (DECISIONS.includes(key)) return choose(key, decision)
  if (LINKS.includes(key)) return follow(key)
  if (key === '?') showKeys()
  else if (key === 'v') document.querySelector<HTMLFormElement>('[data-look]')?.requestSubmit()
  else if (key === 'b') bulk?.send()
  else if (key === 'j' || key === 'k') goOn(key)
  else return false
  return true
}

function showKeys(): void {
  const dialog = document.getElementById('keys')
  if (dialog instanceof HTMLDialogElement) dialog.showModal()
}

function choose(key: string, decision: Decision | null): boolean {
  const within = document.activeElement?.closest('[data-step]') ?? decision?.form ?? document
  const choice = within.querySelector<HTMLInputElement>(`[data-choice="${key}"]:enabled`)
  if (!choice) return false
  choice.checked = true
  choice.focus()
  decision?.follow()
  return true
}

function follow(key: string): boolean {
  const found = document.querySelector<HTMLElement>(`[data-key="${key}"]:enabled`)
  if (!found) return false
  found.focus()
  if (!found.matches('select')) found.click()
  return true
}

/** To the row of the queue, or the appeal, that follows or comes before; at the end, where a link
 * of the page leads. */
function goOn(key: 'j' | 'k'): void {
  const focused = document.activeElement
  const inQueue = focused?.closest<HTMLElement>('.moderation-queue li')
  const all = [
    ...document.querySelectorAll<HTMLElement>(inQueue ? '.moderation-queue li' : '[data-step]'),
  ]
  const here = inQueue ?? focused?.closest<HTMLElement>('[data-step]')
  const place = here ? all.indexOf(here) : -1
  const next = all[place + (key === 'j' ? 1 : -1)]
  if (!next) document.querySelector<HTMLElement>(`[data-key="${key}"]`)?.click()
  else if (inQueue) next.querySelector<HTMLElement>('.moderation-row')?.focus()
  else next.focus()
}
