/** Controls of a form that do more than a browser's own. */

/** A slider beside a number's field. */
export function pairSlider(slider: HTMLInputElement): void {
  const box = slider.nextElementSibling
  if (!(box instanceof HTMLInputElement)) return
  slider.hidden = false
  slider.addEventListener('input', () => {
    box.value = slider.value
    box.dispatchEvent(new Event('input', { bubbles: true }))
  })
  box.addEventListener('input', () => {
    if (box.value !== '') slider.value = box.value
  })
}

/** Boxes of which only so many may be checked. */
export function boundChecks(group: HTMLElement): void {
  const high = Number(group.dataset.high)
  const limit = () => {
    const isFull = group.querySelectorAll(':checked').length >= high
    for (const check of group.querySelectorAll('input')) check.disabled = isFull && !check.checked
  }
  group.addEventListener('change', limit)
  limit()
}
