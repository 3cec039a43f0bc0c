/** Light, dark or as the system wishes. It runs in <head> before anything is drawn, so that a chosen
 * theme never flashes the other one first. */

const root = document.documentElement
const CHOICES = new Set(['light', 'dark'])

function storedTheme(): string {
  try {
    const choice = localStorage.getItem('theme') ?? ''
    return CHOICES.has(choice) ? choice : ''
  } catch {
    return '' // Storage may be switched off.
  }
}

function store(choice: string): void {
  try {
    if (choice) localStorage.setItem('theme', choice)
    else localStorage.removeItem('theme')
  } catch {
    // It holds until the page is left.
  }
}

function show(choice: string): void {
  if (choice) root.dataset.theme = choice
  else delete root.dataset.theme
  for (const button of document.querySelectorAll<HTMLElement>('[data-theme-choice]')) {
    button.setAttribute('aria-pressed', String(button.dataset.themeChoice === choice))
  }
}

root.classList.add('js')
show(storedTheme())
addEventListener('storage', ({ key }) => {
  if (key === 'theme' || key === null) show(storedTheme())
})
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element && target.closest<HTMLElement>('[data-theme-choice]')
  if (!button) return
  const choice = button.dataset.themeChoice ?? ''
  store(choice)
  show(choice)
})
document.addEventListener('DOMContentLoaded', () => {
  for (const part of document.querySelectorAll<HTMLElement>('[data-theme-part]')) {
    part.hidden = false
  }
  show(root.dataset.theme ?? '')
})
