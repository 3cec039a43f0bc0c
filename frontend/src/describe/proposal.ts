/** The proposal on the canvas: shown beside the newest document, accepted as one change, or not. */

import { forgetView } from '../canvas/view'
import { diff } from '../document/diff'
import { applyAll } from '../document/ops'
import { act, dismissToast, say, setMode, toast } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { type Edit, nameOf } from '../graph/edit'
import { withKept } from '../graph/edits/keep'
import { listed } from '../graph/words'
import { type Comparison, comparison } from '../versions/comparison'
import { takeOps } from '../versions/entries'
import { comparing, tick, useCompare } from '../versions/store'
import { keepWritten } from './briefs'
import { forgetProposal } from './composeApi'
import { fingerprint } from './planRow'
import { type Rebased, rebase } from './rebase'
import { describing, NO_PLAN, type Proposed, READY, useDescribe, whyNotAccept } from './store'

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
  // Who compares versions, or writes elsewhere, is not interrupted.
  if (editor().mode === 'compare' ? !describing().isShown : isBusy()) wait(proposed)
  else {
    take(proposed)
    look()
  }
}

/** Take a proposal in, and offer it. */
export function wait(proposed: Proposed): void {
  take(proposed)
  useDescribe.setState({ isShown: false })
  say(READY)
}

function take(proposed: Proposed): void {
  const { plan: row, planner } = proposed.answer
  useDescribe.setState({
    ...NO_PLAN,
    proposed,
    plan: row?.settings ?? null,
    origin: row && { row, planner },
    isOpen: false,
    problem: '',
  })
}

/** Show another draft of the same words where the former one is, and leave all else as it is. */
export function replace(proposed: Proposed): void {
  useDescribe.setState({ proposed })
  if (describing().isShown) follow()
}

/** Show the proposal on the canvas. */
export function look(): void {
  const proposal = describing().proposed
  if (!proposal) return
  last = null
  offeredUnits = new Set()
  useCompare.setState({ at: null, ticked: new Set() })
  follow()
  leave?.()
  leave = useEditor.subscribe((state, before) => {
    if (state.doc !== before.doc) follow()
    // By the bar's buttons one can leave: the proposal waits then.
    if (state.mode !== before.mode && state.mode !== 'compare') hide()
  })
  useDescribe.setState(({ looks }) => ({ isShown: true, looks: looks + 1 }))
  dismissToast()
  setMode('compare')
  const count = comparison()?.entries.length ?? 0
  const what = count === 1 ? '1 change' : `${count} changes`
  say(`Proposal: ${what}. ${proposal.answer.message} Enter accepts, Escape refuses.`)
}

/** Put the proposal on the document as it is now. What a person unticked stays so. */
function follow(): void {
  const proposal = describing().proposed
  if (!proposal) return
  const result = rebase(proposal.base, proposal.ops, editor().doc)
  const { ticked } = comparing()
  const fresh = [...result.conflicts].filter((unit) => !last?.conflicts.has(unit))
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
function newsOf({ conflicts, deletions }: Rebased): string {
  const titles = (comparison()?.entries ?? [])
    .filter((entry) => entry.units.some((unit) => conflicts.has(unit)))
    .map((entry) => entry.title)
  const { base } = describing().proposed as Proposed
  const names = [...deletions].map((key) => nameOf(base, key))
  const sentences = [
    titles.length > 0 &&
      `${listed(titles, 4)} changed since you asked. The newer edits are kept unless you select these changes.`,
    names.length > 0 &&
      `${listed(names, 4)} was deleted since you asked. Those changes are left out.`,
  ]
  return sentences.filter(Boolean).join(' ')
}

/** Do what is ticked as one change and one undo step. isByPointer: the canvas gets the keys then, as
 * Space, which pans it, would start a paid run on the focused Run. */
export function accept(isByPointer = false): void {
  const current = comparison()
  const proposal = describing().proposed
  if (!current || !proposal || whyNotAccept(describing()) !== null) return
  const { ticked } = comparing()
  const isAll = current.entries.every((entry) => entry.units.every((unit) => ticked.has(unit)))
  // All of it is more than the sum of the entries: the order of stages, too.
  const ops = isAll ? diff(current.from, current.to) : takeOps(current.from, current.to, ticked)
  if (ops.length === 0 && current.entries.length > 0) {
    toast('Select at least one change.')
    return
  }
  const wasBlank = current.from.stages.order.length === 0
  // Without the words: who may only look reads the history, too.
  if (ops.length > 0) act(withPlan({ label: 'Apply proposal', ops }, current, isAll))
  // The empty canvas was looked at somewhere else than where the stages are.
  if (wasBlank) forgetView()
  keepWritten('')
  useDescribe.setState({ brief: '', controls: {} })
  end(isByPointer ? '' : '.run-button')
  if (ops.length === 0) toast('The draft already has these changes.')
  else toast(wasBlank ? 'Draft added. Undo removes it.' : 'Changes applied. Undo reverts them.')
}

/** The edit with the plan that it follows, which is kept beside the document. */
function withPlan(edit: Edit, { from, to }: Comparison, isAll: boolean): Edit {
  const { plan } = describing()
  const proposal = describing().proposed
  if (!plan || !proposal) return edit
  const { doc, wiring, tools } = editor()
  const whole = withKept(edit, doc, wiring, tools)
  // What was left out of the plan's stages counts as changed by hand.
  const hash = fingerprint(isAll ? applyAll(from, whole.ops).doc : to)
  const { brief, by } = proposal
  const value = { settings: plan, brief, by, hash }
  return { ...whole, ops: [...whole.ops, { op: 'put', table: 'plan', key: 'plan', value }] }
}

/** Leave everything as it is. The brief stays in its box. */
export function refuse(): void {
  end()
  say('Refused. Nothing was changed.')
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
  useDescribe.setState({ ...NO_PLAN, proposed: null, news: '', since: null })
  // Where that fails, it is offered once more.
  void forgetProposal().catch(() => undefined)
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
