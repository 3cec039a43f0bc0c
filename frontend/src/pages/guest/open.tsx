/** Opening the page: its form by the link's token, and the places of its components. */

import { createRoot } from 'react-dom/client'
import type { JsonObject } from '../../api/schema'
import { say } from '../../frame/announcements'
import { toast } from '../../frame/toasts'
import { isFinal } from '../../run/shared/status'
import { sendFilesBy } from '../../runForm/drop'
import { prepareForm } from '../../runForm/form'
import { markRefused } from '../../runForm/problems'
import { paint } from './accent'
import { Client, Refused } from './client'
import { Runs } from './Runs'
import { Follower, useShown } from './store'
import { sayUndrawn } from './undrawn'
import { valuesOf } from './values'

const page = document.querySelector<HTMLElement>('[data-app]') as HTMLElement

export async function openApp(): Promise<void> {
  const slug = location.pathname.split('/')[2] ?? ''
  const token = tokenOf(location.hash)
  keepFragment(token)
  if (!token && document.body.classList.contains('is-embed')) return show('end')
  const client = new Client(slug, token)
  part('again').addEventListener('click', () => void load(client))
  await load(client)
}

async function load(client: Client): Promise<void> {
  show('waiting')
  try {
    const html = await client.form()
    part('form').innerHTML = html
  } catch (problem) {
    const { status, message } = problem as Refused
    if (status === 401 || status === 404) {
      if (status === 401) offerSignIn()
      return show('end')
    }
    part('why').textContent = message
    return show('unreachable')
  }
  show('form')
  page.dataset.shows = 'form'
  document.title = part('title').textContent ?? ''
  begin(client)
}

function begin(client: Client): void {
  const form = part<HTMLFormElement>('run-form')
  const follower = new Follower(client)
  paint(form, form.dataset.accent ?? '')
  sendFilesBy({
    start: (file, kind, onProgress) => client.upload(file, kind, onProgress),
    // A file that no run takes goes on its own.
    forget: () => {},
  })
  sayUndrawn(form, () => client.undrawn(valuesOf(form)))
  prepareForm(form, () => start(form, client, follower))
  offerReport(client)
  const place = part('run-place')
  place.hidden = false
  const change = () => {
    follower.close()
    page.dataset.shows = 'form'
    form
      .querySelector<HTMLElement>('.field :is(textarea, input:not([type=hidden]), select)')
      ?.focus()
  }
  createRoot(place).render(<Runs follower={follower} open={open} again={change} />)

  async function open(id: string): Promise<void> {
    try {
      await follower.open(id)
      showRun()
    } catch (problem) {
      const isGone = (problem as Refused).status === 404
      toast(isGone ? 'This run is no longer there.' : (problem as Refused).message)
    }
  }

  const [latest] = useShown.getState().history
  if (latest && !isFinal(latest.status)) void open(latest.id)
}

function offerSignIn(): void {
  const words = part('sign-in')
  words.hidden = false
  const link = words.querySelector('a')
  if (link) link.search = `?next=${location.pathname}`
}

/** Either button closes the dialog; what was typed stays there. */
function offerReport(client: Client): void {
  const dialog = part<HTMLDialogElement>('report')
  part('report-open').addEventListener('click', () => dialog.showModal())
  dialog.addEventListener('submit', ({ submitter, target }) => {
    if (!(submitter as HTMLButtonElement).value) return
    const fields = Object.fromEntries(new FormData(target as HTMLFormElement)) as JsonObject
    client
      .report(fields)
      .then(() => toast('Thanks. A moderator will look at it.'))
      .catch(({ message }: Refused) => toast(message))
  })
}

async function start(form: HTMLFormElement, client: Client, follower: Follower): Promise<void> {
  const refusal = part('refusal')
  refusal.hidden = true
  try {
    follower.show(await client.start(valuesOf(form)))
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem
    const { status, message, problems } = problem
    if (status === 401 || status === 404) return show('end')
    const [first] = markRefused(form, problems)
    if (first) return first.focus()
    refusal.hidden = false
    const words = refusal.querySelector('span')
    if (words) words.textContent = message
    return
  }
  showRun()
  say('The run has started.')
  await count(client)
}

function showRun(): void {
  page.dataset.shows = 'run'
  const heading = document.getElementById('run-state')
  heading?.focus({ preventScroll: true })
  heading?.scrollIntoView({ block: 'nearest' })
}

/** Say how many runs the link has left. A count that can't be read now is read the next time. */
async function count(client: Client): Promise<void> {
  const words = part('runs')
  // Who pays themselves is not counted.
  const number = words && (await client.runsLeft().catch(() => null))
  if (number === null) return
  words.textContent = `${number} of ${words.dataset.runs} runs left.`
  part('run').hidden = number === 0
  part('used-up').hidden = number > 0
}

const STATES = ['waiting', 'end', 'unreachable', 'form'] as const

function show(state: (typeof STATES)[number]): void {
  for (const one of STATES) part(one).hidden = one !== state
  if (state === 'end') part('run-place').hidden = true
}

function part<E extends HTMLElement = HTMLElement>(name: string): E {
  return page.querySelector<E>(`[data-${name}]`) as E
}

function tokenOf(fragment: string): string {
  return new URLSearchParams(fragment.slice(1)).get('k') ?? ''
}

/** The token stays in the address, or Reload would lose it; another link's is opened. */
function keepFragment(token: string): void {
  document.querySelector('[data-skip]')?.addEventListener('click', (event) => {
    event.preventDefault()
    page.focus()
  })
  addEventListener('hashchange', () => {
    const other = tokenOf(location.hash)
    if (other && other !== token) location.reload()
  })
}
