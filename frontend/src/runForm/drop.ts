/** Media fields of a form: choose, drop or paste a file, see it, watch its upload, remove it. */

import type { MediaKind, Uploaded } from '../api/schema'
import { say } from '../frame/announcements'
import { BY_SESSION, misfitOf, type Sender, type Upload } from '../uploads/upload'

const MB = 1e6
const drops = new WeakMap<Element, Drop>()
let sender: Sender = BY_SESSION

/** Let files go another way than that of people who are signed in. */
export function sendFilesBy(other: Sender): void {
  sender = other
}

/** Prepare every drop zone inside. */
export function prepareDrops(within: ParentNode): void {
  for (const zone of within.querySelectorAll<HTMLElement>('[data-drop]')) {
    if (!drops.has(zone)) drops.set(zone, new Drop(zone))
  }
}

/** The drop zone around an element, if it is in one. */
export function dropOf(element: Element | null): Drop | undefined {
  const zone = element?.closest('[data-drop]')
  return zone ? drops.get(zone) : undefined
}

/** The controls of a person who may upload. */
interface Chooser {
  readonly file: HTMLInputElement
  readonly choose: HTMLElement
  readonly clear: HTMLElement
}

export class Drop {
  readonly kind: MediaKind
  private readonly url: HTMLInputElement
  private readonly look: HTMLElement
  private readonly words: HTMLElement
  private readonly problem: HTMLElement
  private readonly progress: HTMLProgressElement
  private readonly chooser: Chooser | null
  private readonly empty: { readonly look: Node[]; readonly words: string | null }
  /** The id of what was uploaded here. */
  private uploaded: string | null = null
  private upload: Upload | null = null
  private object = ''

  constructor(private readonly zone: HTMLElement) {
    this.kind = zone.dataset.drop as MediaKind
    this.url = part(zone, '[data-url]')
    this.look = part(zone, '[data-look]')
    this.words = part(zone, '[data-words]')
    this.problem = part(zone, '[data-problem]')
    this.progress = part(zone, 'progress')
    this.chooser = chooserIn(zone)
    const look = [...this.look.childNodes].map((node) => node.cloneNode(true))
    this.empty = { look, words: this.words.textContent }
    this.prepareLink()
    // While it's typed, not when the field is left: then the next click would miss what moved.
    for (const name of ['input', 'change']) this.url.addEventListener(name, () => this.linked())
    if (this.chooser) this.prepareFiles(this.chooser)
  }

  get isBusy(): boolean {
    return this.upload !== null
  }

  /** True if a file can be taken. */
  get takesFiles(): boolean {
    return this.chooser !== null
  }

  /** True if something else than the sample is in it, or on its way. */
  get isChosen(): boolean {
    return this.isBusy || this.url.value.trim() !== (this.url.dataset.default ?? '')
  }

  /** The element to go to when this field needs a file. */
  get goal(): HTMLElement | null {
    return this.chooser?.choose ?? this.zone.querySelector('summary')
  }

  take(file: File | null | undefined): void {
    if (!file || !this.chooser) return
    this.chooser.file.value = ''
    const problem = misfitOf(file, this.kind) || this.excessOf(file)
    this.fail(problem)
    if (problem) return
    this.stop()
    this.show(URL.createObjectURL(file), file.name)
    this.send(file, this.chooser)
  }

  /** Take the template's example: a public file of this server. */
  tryExample(): void {
    this.url.value = this.url.dataset.example ?? ''
    this.show(this.url.value, this.nameOf(this.url.value))
    if (this.chooser) this.chooser.choose.textContent = 'Replace'
    this.changed()
  }

  private prepareLink(): void {
    const link = part<HTMLDetailsElement>(this.zone, 'details')
    if (this.url.getAttribute('aria-invalid') !== 'true') link.open = false
    part(link, 'summary').addEventListener('click', (event) => {
      if (link.open) return
      // Opened here and not by the browser, which would do it after this: the next key is for the
      // field.
      event.preventDefault()
      link.open = true
      this.url.focus()
    })
  }

  private prepareFiles({ file, choose, clear }: Chooser): void {
    const { zone } = this
    choose.addEventListener('click', () => file.click())
    file.addEventListener('change', () => this.take(file.files?.[0]))
    clear.addEventListener('click', () => this.remove())
    zone.addEventListener('dragover', (event) => {
      event.preventDefault()
      zone.classList.add('is-over')
    })
    zone.addEventListener('dragleave', () => zone.classList.remove('is-over'))
    zone.addEventListener('drop', (event) => {
      event.preventDefault()
      zone.classList.remove('is-over')
      this.take(event.dataTransfer?.files[0])
    })
  }

  private excessOf({ name, size }: File): string {
    const limit = Number(this.zone.dataset.limitMb)
    if (size <= limit * MB) return ''
    return `${name} is ${Math.ceil(size / MB)} MB. The limit is ${limit} MB.`
  }

  private fail(text: string): void {
    this.problem.textContent = text
    this.problem.hidden = !text
    if (text) this.url.setAttribute('aria-invalid', 'true')
    else this.url.removeAttribute('aria-invalid')
  }

  private show(address: string, name: string): void {
    this.release()
    if (address.startsWith('blob:')) this.object = address
    this.words.textContent = name
    if (this.kind !== 'audio') this.look.replaceChildren(pictureOf(this.kind, address, name))
  }

  /** Give back the memory of a file that was shown. */
  private release(): void {
    if (this.object) URL.revokeObjectURL(this.object)
    this.object = ''
  }

  private send(file: File, chooser: Chooser): void {
    this.progress.hidden = false
    this.progress.removeAttribute('value')
    const upload = sender.start(file, this.kind, (fraction) => {
      // Without a value the bar says that it goes on: the file is looked at.
      if (fraction === null) this.progress.removeAttribute('value')
      else this.progress.value = fraction
    })
    this.upload = upload
    say(`Uploading ${file.name}`)
    // Of one that was stopped, or followed by another, nothing is shown.
    const end = (show: () => void) => {
      if (this.upload !== upload) return
      this.upload = null
      this.progress.hidden = true
      show()
    }
    upload.done.then(
      (uploaded) => end(() => this.done(uploaded, file.name, chooser)),
      (failure: Error) => end(() => this.refused(failure.message)),
    )
  }

  private done(uploaded: Uploaded, name: string, { choose, clear }: Chooser): void {
    this.uploaded = uploaded.id
    this.url.value = uploaded.url
    clear.hidden = false
    choose.textContent = 'Replace'
    // The server has a copy of what this browser cannot show, such as HEIC.
    const picture = this.look.firstElementChild
    if (picture instanceof HTMLImageElement && picture.naturalWidth === 0) {
      this.show(uploaded.url, name)
    }
    part(this.zone, '[data-hint]').textContent = factsOf(uploaded)
    say(uploaded.change || `Uploaded ${name}`)
    this.changed()
  }

  private refused(problem: string): void {
    this.reset()
    this.fail(problem)
  }

  private linked(): void {
    const value = this.url.value.trim()
    this.fail('')
    if (this.uploaded || !value) return
    this.words.textContent = this.nameOf(value)
    if (this.chooser) this.chooser.clear.hidden = value === this.url.dataset.default
  }

  private nameOf(url: string): string {
    if (url === this.url.dataset.default) return 'Sample'
    return url === this.url.dataset.example ? 'Example' : url
  }

  private remove(): void {
    this.stop()
    this.reset()
    this.fail('')
    say('Removed.')
    this.changed()
    this.chooser?.choose.focus()
  }

  /** Back to the sample, or to nothing. */
  private reset(): void {
    this.url.value = this.url.dataset.default ?? ''
    this.release()
    this.look.replaceChildren(...this.empty.look.map((node) => node.cloneNode(true)))
    this.words.textContent = this.empty.words
    if (!this.chooser) return
    this.chooser.clear.hidden = true
    this.chooser.choose.textContent = this.url.value ? 'Replace' : 'Choose'
  }

  /** End an upload; a finished one that is no longer wanted takes no space. */
  private stop(): void {
    const { upload } = this
    this.upload = null
    upload?.stop()
    this.progress.hidden = true
    if (this.uploaded) sender.forget(this.uploaded)
    this.uploaded = null
  }

  private changed(): void {
    this.url.dispatchEvent(new Event('change', { bubbles: true }))
  }
}

function part<E extends HTMLElement = HTMLElement>(within: HTMLElement, selector: string): E {
  const element = within.querySelector<E>(selector)
  if (!element) throw new Error(`A media field without ${selector}`)
  return element
}

function chooserIn(zone: HTMLElement): Chooser | null {
  const file = zone.querySelector<HTMLInputElement>('[data-file]')
  if (!file) return null
  return { file, choose: part(zone, '[data-choose]'), clear: part(zone, '[data-clear]') }
}

function pictureOf(kind: MediaKind, address: string, name: string): HTMLElement {
  if (kind === 'image') {
    const image = document.createElement('img')
    image.alt = name
    image.src = address
    return image
  }
  const film = document.createElement('video')
  film.muted = true
  film.playsInline = true
  film.preload = 'metadata'
  film.src = address
  return film
}

function factsOf({ width, height, duration, change }: Uploaded): string {
  if (change) return change
  const parts: string[] = []
  if (width) parts.push(`${width} × ${height}`)
  if (duration) parts.push(`${duration.toFixed(1)} s`)
  return parts.join(', ') || 'Ready'
}
