/** The form of a decision: its button says what it does, its letter has the usual words. */

type Letters = Readonly<Record<string, string>>

export class Decision {
  private readonly message = field(HTMLTextAreaElement, 'decision-message')
  private readonly reason = field(HTMLSelectElement, 'decision-reason')
  private readonly button = document.querySelector<HTMLElement>('[data-decides]')
  /** The last words this page filled in itself: what a person typed is never replaced. */
  private filled = ''

  constructor(readonly form: HTMLFormElement) {
    form.addEventListener('change', () => this.follow())
    this.follow()
  }

  /** Name the button after what it does, and write the usual words into an untouched letter. */
  follow(): void {
    const choice = this.form.querySelector<HTMLInputElement>('input[name="action"]:checked')
    if (!choice) return
    for (const set of this.form.querySelectorAll<HTMLFieldSetElement>('[data-with-problem]')) {
      // What goes with a problem isn't sent with a decision that finds none.
      set.disabled = !('upholds' in choice.dataset)
      set.hidden = set.disabled
    }
    const count = this.reached()
    const title = choice.dataset.title ?? ''
    if (this.button) this.button.textContent = title + (count > 1 ? ` ${count}` : '')
    this.write(choice.dataset.letters ?? '')
  }

  /** Count the things it changes: the cases, or one with what is checked beside it. */
  private reached(): number {
    const cases = this.form.querySelectorAll('input[name="case"]:checked').length
    if (cases) return cases
    const beside = this.form.querySelectorAll<HTMLElement>('[data-reach]:checked:enabled')
    return [...beside].reduce((sum, box) => sum + Number(box.dataset.reach), 1)
  }

  /** letters: JSON, the usual words by reason; empty: it tells no one. */
  private write(letters: string): void {
    const { message } = this
    if (!message) return
    const place = message.closest<HTMLElement>('.field')
    if (place) place.hidden = letters === ''
    if (message.value !== this.filled && message.value !== '') return
    const usual = letters === '' ? {} : (JSON.parse(letters) as Letters)
    this.filled = usual[this.reason?.value ?? ''] ?? ''
    message.value = this.filled
  }
}

function field<E extends HTMLElement>(type: new () => E, id: string): E | null {
  const element = document.getElementById(id)
  return element instanceof type ? element : null
}
