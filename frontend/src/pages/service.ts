import { pressedKey } from '../frame/press'

/** The search above a table of models. Without this script there is none, and all rows show. */

const table = document.querySelector<HTMLElement>('[data-filter]')
const field = table?.querySelector<HTMLElement>('[data-filter-field]')
const search = field?.querySelector('input')
const none = table?.querySelector<HTMLElement>('[data-filter-none]')

function filter(rows: Iterable<HTMLElement>, text: string): void {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  let count = 0
  for (const row of rows) {
    const text = row.textContent?.toLowerCase() ?? ''
    row.hidden = !words.every((word) => text.includes(word))
    if (!row.hidden) count += 1
  }
  if (none) none.hidden = count > 0
}

if (table && field && search) {
  const rows = [...table.querySelectorAll<HTMLElement>('[data-filter-row]')]
  field.hidden = false
  search.addEventListener('input', () => filter(rows, search.value))
  search.addEventListener('keydown', (event) => {
    // Enter here looks for a model; it doesn't add the service.
    if (pressedKey(event) === 'Enter') event.preventDefault()
  })
}
