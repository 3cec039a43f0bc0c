/** My templates and My media: how many are ticked, ranges with Shift, all at once. Ticking and what
 * is done with it are a form: without scripts they work as well. */

import { say } from '../frame/announcements'
import { around } from '../frame/events'
import { CheckRange } from '../frame/ranges'

const boxes = () => [...document.querySelectorAll<HTMLInputElement>('.pick')]
const range = new CheckRange(boxes)

function count(): number {
  const all = boxes()
  const pickCount = all.filter((box) => box.checked).length
  for (const place of document.querySelectorAll('[data-picked]')) {
    place.textContent = String(pickCount)
  }
  for (const button of document.querySelectorAll<HTMLElement>('[data-pick-all]')) {
    button.hidden = pickCount === all.length
  }
  return pickCount
}

function checkAll(isChecked: boolean): void {
  for (const box of boxes()) box.checked = isChecked
}

document.addEventListener('click', (event) => {
  const box = around<HTMLInputElement>(event, '.pick')
  if (box) {
    range.choose(box, event.shiftKey)
    say(`${count()} selected`)
  } else if (around(event, '[data-pick-all]')) {
    checkAll(true)
    say(`${count()} selected`)
  } else if (around(event, '[data-pick-none]')) {
    event.preventDefault()
    checkAll(false)
    count()
    say('Nothing selected')
    document.querySelector<HTMLElement>('[data-search]')?.focus()
  }
})

document.addEventListener('htmx:afterSwap', ({ detail: { target } }) => {
  count()
  if (target.id !== 'results') return
  const boxCount = boxes().length
  const more = document.getElementById('further') ? ', more below' : ''
  say(boxCount ? `${boxCount} shown${more}` : 'No results')
})
count()
