/** The page that checks a file: it's read here, and only its hash is sent. */

import { UNREACHABLE } from '../api/http'
import { readFile } from '../fileCheck/reading'
import { isPart } from '../frame/requests'

const UNREADABLE = "Your browser can't read this file. Choose it again, or another one."
const LOST = `${UNREACHABLE} Choose the file again.`

function part<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(`check-${id}`) as Kind
}

const zone = part('drop')
const input = part<HTMLInputElement>('file')
const choose = part('choose')
const progress = part('progress')
const bar = part<HTMLProgressElement>('bar')
const answer = part('answer')
const claims = part('claims')
let current = new AbortController()

function fail(message: string): void {
  const line = document.createElement('p')
  line.className = 'help help-bad'
  line.textContent = message
  answer.replaceChildren(line)
}

function showProgress(fraction: number): void {
  bar.value = fraction
  part('percent').textContent = `${Math.floor(100 * fraction)} %`
}

function showClaims(sentences: readonly string[]): void {
  const lines = sentences.map((sentence) => {
    const line = document.createElement('li')
    line.textContent = sentence
    return line
  })
  part('claim-list').replaceChildren(...lines)
  claims.hidden = lines.length === 0
}

async function ask(sha256: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`?sha256=${sha256}`, { headers: { 'HX-Request': 'true' }, signal })
  const words = await response.text()
  if (!isPart(words)) throw new Error(String(response.status))
  answer.innerHTML = words
}

async function check(file: File): Promise<void> {
  current.abort()
  current = new AbortController()
  const { signal } = current
  answer.replaceChildren()
  showClaims([])
  part('name').textContent = file.name
  showProgress(0)
  progress.hidden = false
  let problem = UNREADABLE
  try {
    const report = await readFile(file, showProgress, signal)
    problem = LOST
    await ask(report.sha256, signal)
    showClaims(report.claims)
  } catch {
    if (!signal.aborted) fail(problem)
  } finally {
    if (signal === current.signal) progress.hidden = true
  }
}

choose.addEventListener('click', () => input.click())
input.addEventListener('change', () => {
  const [file] = input.files ?? []
  // The same file can be chosen once more.
  input.value = ''
  if (file) void check(file)
})
part('cancel').addEventListener('click', () => {
  current.abort()
  progress.hidden = true
  choose.focus()
})
// Beside the zone, too: else the browser would leave the page for the file.
document.addEventListener('dragover', (event) => {
  event.preventDefault()
  zone.classList.add('is-over')
})
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) zone.classList.remove('is-over')
})
document.addEventListener('drop', (event) => {
  event.preventDefault()
  zone.classList.remove('is-over')
  const [file] = event.dataTransfer?.files ?? []
  if (file) void check(file)
})
