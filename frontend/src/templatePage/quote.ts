/** On a phone the quote is also beside the Run button, at the bottom of the page. */
export function repeatQuote(): void {
  document.addEventListener('htmx:afterSwap', ({ target }) => {
    const bar = document.querySelector('[data-runbar-quote]')
    if (!(target instanceof HTMLElement) || target.id !== 'quote' || !bar) return
    const words = target.querySelector('span')?.textContent ?? ''
    const price = document.createElement('strong')
    price.textContent = target.querySelector('strong')?.textContent ?? ''
    const rest = price.textContent ? words.split(', ').slice(1).join(', ') : ''
    bar.replaceChildren(price, rest)
  })
}
