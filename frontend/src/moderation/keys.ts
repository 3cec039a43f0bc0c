/** The console by keyboard; `?` lists the keys. Each is also a link, a field or a button. */

import { pressedKey, shortcutKeys } from '../frame/press'
import type { Bulk } from './bulk'
import type { Decision } from './decision'

const TYPING = 'input:not([type=radio], [type=checkbox]), textarea, select, dialog[open], [popover]'
const SENT = '[data-decide], [data-answer]'
const DECISIONS = ['1', '2', '3', '4']
const LINKS = ['u', 'c', 's', 'r', 't', 'm', 'd']

export interface Console {
  readonly decision: Decision | null
  readonly bulk: Bulk | null
  /** Return true if the page that these keys are meant for is still on its way. */
  readonly isTurning: () => boolean
}

/** Keys are for the page that comes next where one is on its way: they wait for it, in order. */
export class Keys {
  private waiting: KeyboardEvent[] = []

  constructor(private readonly page: () => Console) {
    document.addEventListener('keydown', (event) => {
      if (!this.page().isTurning()) {
        if (press(event, this.page())) event.preventDefault()
      } else if (mayWait(event)) {
        event.preventDefault()
        this.waiting.push(event)
      }
    })
  }

  /** Use those that waited, up to one that leads to yet another page. */
  use(): void {
    while (!this.page().isTurning()) {
      const event = this.waiting.shift()
      if (!event) return
      if (!press(event, this.page())) step(event)
    }
  }

  /** The page that they were meant for didn't come. */
  forget(): void {
    this.waiting = []
  }
}

function mayWait(event: KeyboardEvent): boolean {
  const key = pressedKey(event)
  if (event.altKey || event.repeat) return false
  if (isWithControl(event)) return key === 'Enter'
  return key.length === 1 || key.startsWith('Arrow')
}

/** False: the key means nothing here. */
function press(event: KeyboardEvent, page: Console): boolean {
  if (isWithControl(event)) return pressedKey(event) === 'Enter' && send(page)
  if (event.altKey || focusIn(TYPING)) return false
  return shortcutKeys(event).some((key) => act(key, event.shiftKey, page))
}

function act(key: string, hasShift: boolean, { decision, bulk }: Console): boolean {
  if (key === 'x') return bulk?.toggle(hasShift) ?? false
  if (DECISIONS.includes(key)) return choose(key, decision)
  if (LINKS.includes(key)) return follow(key)
  if (key === '?') showKeys()
  else if (key === 'v') document.querySelector<HTMLFormElement>('[data-look]')?.requestSubmit()
  else if (key === 'b') bulk?.send()
  else if (key === 'j' || key === 'k') goOn(key)
  else return false
  return true
}

/** Do what the browser does with a key that did not wait. */
function step(event: KeyboardEvent): void {
  const list = focusIn('select')
  const to = { ArrowDown: 1, ArrowUp: -1 }[pressedKey(event)]
  if (!(list instanceof HTMLSelectElement) || !to) return
  const last = list.options.length - 1
  list.selectedIndex = Math.min(Math.max(list.selectedIndex + to, 0), last)
  list.dispatchEvent(new Event('change', { bubbles: true }))
}

function send({ decision }: Console): boolean {
  const form = focusIn<HTMLFormElement>(SENT) ?? decision?.form
  const isOther = focusIn('form') && !focusIn(`${SENT}, [data-bulk]`)
  if (!form || isOther) return false
  form.requestSubmit()
  return true
}

function showKeys(): void {
  const dialog = document.getElementById('keys')
  if (dialog instanceof HTMLDialogElement) dialog.showModal()
}

function choose(key: string, decision: Decision | null): boolean {
  const within = focusIn('[data-step]') ?? decision?.form ?? document
  const choice = within.querySelector<HTMLInputElement>(`[data-choice="${key}"]:enabled`)
  if (!choice) return false
  choice.checked = true
  choice.focus()
  decision?.follow()
  return true
}

function follow(key: string): boolean {
  const place = document.querySelector<HTMLElement>(`[data-key="${key}"]:enabled`)
  if (!place) return false
  place.focus()
  if (!place.matches('select')) place.click()
  return true
}

/** To the row of the queue, or the appeal, that follows or comes before; at the end, where a link
 * of the page leads. */
function goOn(key: 'j' | 'k'): void {
  const inQueue = focusIn('.moderation-queue li')
  const all = [
    ...document.querySelectorAll<HTMLElement>(inQueue ? '.moderation-queue li' : '[data-step]'),
  ]
  const here = inQueue ?? focusIn('[data-step]')
  const place = here ? all.indexOf(here) : -1
  const next = all[place + (key === 'j' ? 1 : -1)]
  if (!next) document.querySelector<HTMLElement>(`[data-key="${key}"]`)?.click()
  else if (inQueue) next.querySelector<HTMLElement>('.moderation-row')?.focus()
  else next.focus()
}

/** The element that fits, around the one with the focus. */
function focusIn<E extends HTMLElement = HTMLElement>(selector: string): E | null {
  return document.activeElement?.closest<E>(selector) ?? null
}

function isWithControl({ ctrlKey, metaKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey
}
