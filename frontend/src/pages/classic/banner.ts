/**
 * An operator's banners for everyone, until a person closes them. Behind the banners, so that one
 * that was closed is never drawn. `data-banner="kind id"`: the id changes with the text.
 */

const keyOf = (kind: string) => `closed-${kind}`

function closedId(kind: string): string {
  try {
    return localStorage.getItem(keyOf(kind)) ?? ''
  } catch {
    return '' // Storage may be switched off.
  }
}

function close([kind, id]: [string, string]): void {
  try {
    localStorage.setItem(keyOf(kind), id)
  } catch {
    // It is shown again on the next page.
  }
}

function kindAndId(words: string | undefined): [string, string] {
  const [kind = '', id = ''] = words?.split(' ') ?? []
  return [kind, id]
}

function prepare(banner: HTMLElement): void {
  const [kind, id] = kindAndId(banner.dataset.banner)
  if (closedId(kind) === id) {
    banner.remove()
    return
  }
  const button = banner.querySelector('button')
  if (!button) return
  button.hidden = false
  button.addEventListener('click', () => {
    close([kind, id])
    banner.remove()
  })
}

// Terms that someone reads or accepts here are not announced to them afterwards.
for (const page of document.querySelectorAll<HTMLElement>('[data-reads]')) {
  close(kindAndId(page.dataset.reads))
}
for (const banner of document.querySelectorAll<HTMLElement>('[data-banner]')) prepare(banner)
