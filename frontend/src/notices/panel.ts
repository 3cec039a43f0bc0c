/** The latest notices, below the bell. The server draws them. */

import { around, opensElsewhere } from '../frame/events'
import { pressedKey } from '../frame/press'
import { isPart } from '../frame/requests'

const GAP_PX = 8
const UNREADABLE =
  '<p class="notice-none">Couldn’t load your notices. <a class="link" href="/me/notices">Open the list</a></p>'

export class NoticePanel {
  readonly element = document.createElement('div')
  private wasOpen = false

  /** link: the bell, which opens and closes it. readAll: all up to that id were read. */
  constructor(
    private readonly link: HTMLAnchorElement,
    readAll: (upTo: string) => void,
  ) {
    const { element } = this
    element.className = 'popover notice-panel'
    element.id = 'notice-panel'
    element.popover = 'auto'
    element.setAttribute('role', 'dialog')
    element.setAttribute('aria-label', 'Latest notices')
    element.addEventListener('toggle', (event) => {
      const isOpen = event instanceof ToggleEvent && event.newState === 'open'
      link.setAttribute('aria-expanded', String(isOpen))
    })
    element.addEventListener('click', (event) => {
      const upTo = around(event, '[data-read-all]')?.dataset.readAll
      if (upTo) readAll(upTo)
    })
    this.becomeButton()
  }

  get isOpen(): boolean {
    return this.element.matches(':popover-open')
  }

  /** Read the notices again, if someone looks at them. */
  refresh(): void {
    if (this.isOpen) void this.fill()
  }

  private becomeButton(): void {
    const { link } = this
    link.setAttribute('role', 'button')
    link.setAttribute('aria-haspopup', 'dialog')
    link.setAttribute('aria-expanded', 'false')
    link.addEventListener('pointerdown', () => {
      // By the time of the click a press outside of the panel has closed it.
      this.wasOpen = this.isOpen
    })
    link.addEventListener('click', (event) => {
      if (opensElsewhere(event)) return
      event.preventDefault()
      const isOpen = event.detail === 0 ? this.isOpen : this.wasOpen
      if (isOpen) this.element.hidePopover()
      else this.unfold()
    })
    link.addEventListener('keydown', (event) => {
      if (pressedKey(event) !== ' ') return
      event.preventDefault()
      link.click()
    })
  }

  private unfold(): void {
    const { element } = this
    const { bottom, right } = this.link.getBoundingClientRect()
    if (!element.hasChildNodes()) element.setAttribute('aria-busy', 'true')
    element.showPopover()
    // Below the bell, and on a phone as far from both sides.
    const width = document.documentElement.clientWidth
    const most = width - element.offsetWidth - GAP_PX
    element.style.top = `${bottom + GAP_PX}px`
    element.style.right = `${Math.max(GAP_PX, Math.min(width - right, most))}px`
    void this.fill()
  }

  private async fill(): Promise<void> {
    const { element } = this
    try {
      const answer = await fetch('/me/notices/panel', { redirect: 'error' })
      const words = await answer.text()
      if (!answer.ok || !isPart(words)) throw new Error(String(answer.status))
      const isFocused = element.contains(document.activeElement)
      element.innerHTML = words
      if (isFocused) element.querySelector<HTMLElement>('a, button')?.focus()
    } catch {
      element.innerHTML = UNREADABLE
    }
    element.removeAttribute('aria-busy')
  }
}
