/** Opening a fold leads to its field: `<details data-focus="<id>">`. */
export function openToField(details: HTMLDetailsElement): void {
  details.querySelector('summary')?.addEventListener('click', (event) => {
    if (details.open) return
    event.preventDefault()
    details.open = true
    const field = document.getElementById(details.dataset.focus ?? '')
    // Selected, so that what is typed replaces the name.
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.select()
  })
}
