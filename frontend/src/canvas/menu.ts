/**
 * The menu of what is under the pointer or the keyboard: which commands it has, and when it opens.
 * What they do, their words and keys are those of the table of commands.
 */

import { focus, select, selectWire } from '../editor/actions'
import { type Command, commandOf } from '../editor/commands'
import { editor, type Point } from '../editor/store'
import { isTyping } from '../frame/events'
import { nodeAt } from './hitTest'
import { boxOf } from './scene'
import { canvas, setCanvas } from './state'
import { camera } from './view'
import { middleOf, wireUnder } from './wires'

export type MenuOf = 'nodes' | 'wire' | 'ground'

/** Commands by their ids, in groups; those that no room registered are left out. */
const GROUPS: Readonly<Record<MenuOf, readonly (readonly string[])[]>> = {
  nodes: [
    ['stages.open', 'canvas.settings', 'edit.rename', 'change'],
    ['answer', 'run-to', 'reroll', 'retry'],
    ['stages.add-after', 'stages.connect', 'comment'],
    [
      'edit.cut',
      'edit.copy',
      'edit.duplicate',
      'stages.bypass',
      'stages.unbypass',
      'stages.template',
      'stages.repeat',
      'stages.once',
      'stages.unpack',
    ],
    ['arrange.frame', 'arrange.bring-out', 'view.fit-selection'],
    ['edit.remove'],
  ],
  wire: [['connection.insert', 'connection.keep'], ['edit.remove']],
  ground: [
    ['stages.leave'],
    ['stages.add', 'arrange.note', 'comment', 'media'],
    ['edit.paste', 'edit.select-all'],
    ['view.fit', 'arrange.tidy', 'view.minimap', 'outline.toggle'],
    ['undo', 'redo'],
    ['run', 'commands'],
  ],
}

/** Panels over the canvas, which have menus of their own or none. */
export const PANELS = '.canvas-toolbar, .tools, dialog, .menu'

/** Return the reason that a command is not possible now, or null. */
export function reasonAgainst(command: Command): string | null {
  return command.not?.(editor()) ?? null
}

/** Return the commands of the menu: only what is possible now, or says what it needs. */
export function menuGroups(of: MenuOf): Command[][] {
  return GROUPS[of]
    .map((group) =>
      group
        .map(commandOf)
        .filter((command) => command !== undefined)
        .filter((command) => reasonAgainst(command) === null || command.isMeant?.(editor())),
    )
    .filter((group) => group.length > 0)
}

/** The place of the menu whose command runs now: what it adds goes there. */
let place: { readonly at: Point; readonly screen: Point } | null = null

export function menuPlace(): { readonly at: Point; readonly screen: Point } | null {
  return place
}

/** Run one of its commands, with the place where it was opened. */
export function runFromMenu(command: Command, screen: Point): void {
  place = { at: camera.toPlane(screen), screen }
  void command.run()
  place = null
}

/** Open the menu of what is there, selecting it first. */
export function openMenuAt(target: Element, screen: Point): void {
  const at = camera.toPlane(screen)
  const hit = nodeAt(target, at)
  const wire = hit !== null || canvas().isFar ? null : wireAt(target, at)
  if (hit !== null) {
    if (!editor().selection.has(hit)) select([hit])
    focus(hit)
  } else if (wire !== null) selectWire(wire)
  else select([])
  const of = hit !== null ? 'nodes' : wire !== null ? 'wire' : 'ground'
  setCanvas({ menu: { of, screen }, implied: null })
}

function wireAt(target: Element, at: Point): string | null {
  if (target.closest('.wire-tools')) return canvas().hoveredWire
  return wireUnder(at)?.id ?? null
}

/** Open the menu of what the keyboard is on: a connection, a node, or the canvas. */
export function openMenuByKey(): void {
  const { wire, focused, selection, wiring } = editor()
  const chosen = wiring.edges.find(({ id }) => id === wire)
  const middle = chosen && middleOf(chosen)
  if (middle) {
    setCanvas({ menu: { of: 'wire', screen: camera.toWindow(middle) } })
    return
  }
  const node = focused ?? [...selection][0] ?? null
  const box = node === null ? null : boxOf(node)
  if (node !== null && box) {
    if (!selection.has(node)) select([node])
    const screen = camera.toWindow({ x: box.x + box.width / 2, y: box.y + box.height / 2 })
    setCanvas({ menu: { of: 'nodes', screen } })
    return
  }
  const frame = document.getElementById('main')?.getBoundingClientRect()
  const screen = frame
    ? { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 }
    : { x: 0, y: 0 }
  setCanvas({ menu: { of: 'ground', screen } })
}

/** Listen on the canvas: the right button, and the menu key. Returns what stops it. */
export function listenForMenus(frame: HTMLElement): () => void {
  const onMenu = (event: globalThis.MouseEvent) => {
    const { target } = event
    if (isTyping(event) || !(target instanceof Element) || target.closest(PANELS)) return
    event.preventDefault()
    // By the key, the browser's event has the place of the focus.
    if (event.button !== 2 && (event as PointerEvent).pointerType !== 'touch') openMenuByKey()
    else openMenuAt(target, { x: event.clientX, y: event.clientY })
  }
  frame.addEventListener('contextmenu', onMenu)
  return () => frame.removeEventListener('contextmenu', onMenu)
}
