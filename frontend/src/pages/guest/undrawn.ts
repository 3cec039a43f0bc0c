/** The notice under each text of a form: what the built-in studio leaves out, as it is typed. */

const PAUSE_MS = 600

/** ask: the sentences by the elements of the fields, as the form is now. */
export function sayUndrawn(
  form: HTMLFormElement,
  ask: () => Promise<Readonly<Record<string, string>>>,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  const look = async () => {
    latest += 1
    const mine = latest
    const sentences = await ask().catch(() => ({}))
    // An answer about an earlier text comes too late.
    if (mine === latest) show(form, sentences)
  }
  form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), PAUSE_MS)
  })
}

function show(form: HTMLFormElement, sentences: Readonly<Record<string, string>>): void {
  for (const [element, sentence] of Object.entries(sentences)) {
    const place = form.querySelector(`[id="${CSS.escape(element)}-undrawn"]`)
    const words = document.createElement('span')
    words.dir = 'auto'
    words.textContent = sentence
    // Without words it takes no room.
    place?.replaceChildren(...(sentence ? [words] : []))
  }
}
