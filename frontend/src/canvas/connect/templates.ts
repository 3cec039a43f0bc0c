/** The way of a template into the graph: where it fits, and what is asked before it goes there. */

import type { SocketKind, TemplateChoice } from '../../api/schema'
import { open, toast } from '../../editor/actions'
import { editor } from '../../editor/store'
import { addUse } from '../../editor/uses'
import { add } from './adding'
import type { Choice, Place } from './choices'

/** Return how a template goes there; null: it does not. */
export function fitOf({ takes, gives }: TemplateChoice, place: Place): Choice['fit'] | null {
  const isTaken = (kind: SocketKind) => takes.some((one) => one === kind)
  if (place.type === 'free') return 'fits'
  if (place.type === 'end') {
    const { kind, side } = place.end
    // Nothing takes a decision itself, but everything can wait for it.
    if (kind === 'choice') return 'fits'
    return side === 'in' ? (gives === kind ? 'fits' : null) : isTaken(kind) ? 'fits' : null
  }
  const { kind, target, targetSocket } = place.wire
  const sockets = editor().wiring.nodes.get(target)?.inputs ?? []
  const kindThere = sockets.find((socket) => socket.key === targetSocket)?.kind ?? kind
  if (isTaken(kind)) return gives === kindThere ? 'between' : 'takes'
  return gives === kindThere && targetSocket.startsWith('port:') ? 'makes' : null
}

/** Add a template as a stage. What others would come to see by that is asked about first. */
export function insertTemplate(
  choice: TemplateChoice,
  place: Place = { type: 'free', at: null },
  fit: Choice['fit'] = 'fits',
): void {
  const insert = () => void addWhenAllowed(choice, place, fit)
  if (!choice.asks) {
    insert()
    return
  }
  open({
    name: 'confirm',
    title: `Insert ${choice.title}`,
    text: `Everyone who works on “${editor().template.name}” will be able to open this version.`,
    action: 'Insert',
    run: insert,
  })
}

async function addWhenAllowed(
  { template, version }: TemplateChoice,
  place: Place,
  fit: Choice['fit'],
): Promise<void> {
  try {
    const { tool } = await addUse(template, version)
    add({ type: 'tool', tool }, place, fit)
  } catch (error) {
    toast((error as Error).message)
  }
}
