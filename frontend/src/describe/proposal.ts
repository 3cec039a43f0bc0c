/** The proposal on the canvas: shown beside the newest document, accepted as one change, or not. */

import { forgetView } from '../canvas/view'
import { diff } from '../document/diff'
import { act, dismissToast, say, setMode, toast } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { nameOf } from '../graph/edit'
import { listed } from '../graph/words'
import { comparison } from '../versions/comparison'
import { takeOps } from '../versions/entries'
import { comparing, tick, useCompare } from '../versions/store'
import { keepWritten } from './briefs'
import { type Rebased, rebase } from './rebase'
import { describing, type Proposed, useDescribe } from './store'

let last: Rebased | null = null
/** The units that could be ticked when the proposal was last put on the document. */
let offeredUnits: ReadonlySet<string> = new Set()
let leave: (() => void) | null = null

/** Return true if the person is at work on what a proposal must not take from their hands. */
function isBusy(): boolean {
  const at = document.activeElement
  return (
    editor().dialog !== null ||
    at?.closest('.inspector, .palette, .editor-bar input, dialog') != null
  )
}

/** Take a proposal in: it is shown at once, or waits while the person is busy elsewhere. */
export function receive(proposed: Proposed): void {
  useDescribe.setState({ proposed, isOpen: false, problem: '' })
  // Who compares versions, or writes elsewhere, is not interrupted.
  if (editor().mode === 'compare' ? !describing().isShown : isBusy()) {
    useDescribe.setState({ isShown: false })
    say('A proposal is ready.')
  } else look()
}

/** Show the proposal on the canvas. */
export function look(): void {
  if (!describing().proposed) return
  last = null
  offeredUnits = new Set()
  useCompare.setState({ at: null, ticked: new Set() })
  follow()
  leave?.()
  const stops = [
    useEditor.subscribe((state, before) => {
      if (state.doc !== before.doc) follow()
      // By the bar's buttons one can leave: the proposal waits then.
      if (state.mode !== before.mode && state.mode !== 'compare') hide()
    }),
  ]
  leave = () => {
    for (const stop of stops) stop()
  }
  useDescribe.setState({ isShown: true })
  dismissToast()
  setMode('compare')
  announceProposal()
}

/** Put the proposal on the document as it is now. What a person unticked stays so. */
function follow(): void {
  const { proposed } = describing()
  if (!proposed) return
  const result = rebase(proposed.base, proposed.ops, editor().doc)
  const { ticked } = comparing()
  const fresh = [...result.contested].filter((unit) => !last?.contested.has(unit))
  last = result
  useCompare.setState({ from: null, to: { isProposal: true, state: result.doc } })
  const units = comparison()?.entries.flatMap((entry) => entry.units) ?? []
  const next = units.filter((unit) => !offeredUnits.has(unit) || ticked.has(unit))
  offeredUnits = new Set(units)
  useCompare.setState({ ticked: new Set(next) })
  // Two people wrote the same field: the one that is in the document stays unless asked for.
  tick(fresh, false)
  useDescribe.setState({ news: newsOf(result) })
  if (fresh.length > 0) say(newsOf(result))
}

/** Say in a sentence what changed or was deleted since the request; "" for nothing. */
function newsOf({ contested, lost }: Rebased): string {
  const titles = (comparison()?.entries ?? [])
    .filter((entry) => entry.units.some((unit) => contested.has(unit)))
    .map((entry) => entry.title)
  const sentences = []
  if (titles.length > 0)
    sentences.push(
      `${listed(titles, 4)} changed since you asked. The newer edits are kept unless you select these changes.`,
    )
  if (lost.size > 0) {
    const { base } = describing().proposed as Proposed
    const names = [...lost].map((key) => nameOf(base, key))
    sentences.push(`${listed(names, 4)} was deleted since you asked. Those changes are left out.`)
  }
  return sentences.join(' ')
}

function announceProposal(): void {
  const { proposed } = describing()
  const count = comparison()?.entries.length ?? 0
  const what = count === 1 ? '1 change' : `${count} changes`
  say(`Proposal: ${what}. ${proposed?.answer.message ?? ''} Enter accepts, Escape refuses.`)
}

/** Do what is ticked as one change and one undo step. isByPointer: the canvas gets the keys then, as
 * Space, which pans it, would start a paid run on the focused Run. */
export function accept(isByPointer = false): void {
  const current = comparison()
  const { proposed } = describing()
  if (!current || !proposed) return
  const { ticked } = comparing()
  const isAll = current.entries.every((entry) => entry.units.every((unit) => ticked.has(unit)))
  // All of it is more than the sum of the entries: the order of stages, too.
  const ops = isAll ? diff(current.from, current.to) : takeOps(current.from, current.to, ticked)
  if (ops.length === 0 && current.entries.length > 0) {
    toast('Select at least one change.')
    return
  }
  const wasBlank = current.from.stages.order.length === 0
  if (ops.length > 0) act({ label: `Apply proposal “${short(proposed.brief)}”`, ops })
  // The empty canvas was looked at somewhere else than where the stages are.
  if (wasBlank) forgetView()
  keepWritten('')
  useDescribe.setState({ brief: '' })
  end(isByPointer ? '' : '.run-button')
  if (ops.length === 0) toast('The draft already has these changes.')
  else toast(wasBlank ? 'Draft added. Undo removes it.' : 'Changes applied. Undo reverts them.')
}

/** Leave everything as it is. The brief stays in its box. */
export function refuse(): void {
  end()
  say('Refused. Nothing was changed.')
}

function short(brief: string): string {
  const line = brief.replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

/** The proposal waits while the person does something else. */
function hide(): void {
  leave?.()
  leave = null
  useCompare.setState({ from: undefined, to: null, at: null, ticked: new Set() })
  useDescribe.setState({ isShown: false })
}

/** next: what has the keys then, if it can be seen; without one the canvas has them. */
function end(next = ''): void {
  const { isShown } = describing()
  const hadFocus = isShown || document.activeElement?.closest('.describe-panel') != null
  hide()
  // Another one that was asked for meanwhile is not wanted any more.
  useDescribe.setState({ proposed: null, news: '', since: null })
  if (isShown) setMode('edit')
  if (hadFocus) giveFocus(next)
}

/** The next has the keys, or the canvas, or the box of an empty one. It has to be there first. */
function giveFocus(next: string, frames = 60): void {
  requestAnimationFrame(() => {
    const box = document.querySelector<HTMLElement>('.describe textarea')
    const main = document.querySelector<HTMLElement>('#main:not(.compare-canvas)')
    const isBlank = editor().doc.stages.order.length === 0
    // A phone has it twice, and shows one.
    const all = next === '' ? [] : [...document.querySelectorAll<HTMLElement>(next)]
    const target = all.find((one) => one.checkVisibility())
    const place = isBlank ? box : main && (target ?? main)
    if (place) place.focus()
    else if (frames > 0) giveFocus(next, frames - 1)
  })
}
