/**
 * Every command of the editor, once: toolbar, menus, the command palette, the list of keys and the
 * keyboard all read this table. Rooms register theirs in a file of their own, which App imports.
 */

import { isTyping } from '../frame/events'
import { type Press, shortcutKeys } from '../frame/press'
import { type EditorState, editor } from './store'

export interface Command {
  id: string
  label: string
  /** Another word for it, by which it is searched. */
  also?: string
  group: 'Stages' | 'Edit' | 'Arrange' | 'View' | 'Run' | 'Versions' | 'Template' | 'Help'
  /** Such as `Ctrl+K`, `Shift+.`, `A`, `Delete`. On a Mac, Ctrl stands for Command. */
  keys?: string[]
  /** Acts while a text field has the focus, too. */
  inFields?: boolean
  /** The browser has an event of its own for these keys: they are listed, not acted on. */
  isNative?: boolean
  /** Return the reason that it is not possible now, in one sentence, or null. */
  not?: (state: EditorState) => string | null
  /** Menus, which leave out what is not possible now, show it with its reason where this holds. */
  isMeant?: (state: EditorState) => boolean
  run: () => void | Promise<void>
}

const table = new Map<string, Command>()
const byKey = new Map<string, Command[]>()

/** Add commands; one with a known id replaces it. */
export function register(...commands: Command[]): void {
  for (const command of commands) {
    table.set(command.id, command)
    for (const key of command.keys ?? []) {
      const others = (byKey.get(key) ?? []).filter((other) => other.id !== command.id)
      byKey.set(key, [...others, command])
    }
  }
}

export function allCommands(): Command[] {
  return [...table.values()]
}

export function commandOf(id: string): Command | undefined {
  return table.get(id)
}

/** Run a command if it is possible now. Returns why not, else null. */
export function runCommand(id: string): string | null {
  const command = table.get(id)
  if (!command) return 'Unknown command.'
  const reason = command.not?.(editor()) ?? null
  if (reason === null) void command.run()
  return reason
}

/** Return names of a press such as `Ctrl+Shift+Z`, with Command as Ctrl, most likely first. */
export function keyNames(press: Press): string[] {
  const isControl = press.ctrlKey || press.metaKey
  const modifiers = `${isControl ? 'Ctrl+' : ''}${press.altKey ? 'Alt+' : ''}`
  return shortcutKeys(press).map((key) => {
    const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key
    // `?` is typed with Shift on most keyboards: what it writes counts, not how.
    const isSign = key.length === 1 && key !== ' ' && key.toUpperCase() === key
    return `${modifiers}${press.shiftKey && !isSign ? 'Shift+' : ''}${name}`
  })
}

const SINGLE_KEYS = 'reelgraph.single-keys'

/** Return true if letters without Ctrl act. People who speak to their computer turn them off. */
export function singleKeysOn(): boolean {
  return localStorage.getItem(SINGLE_KEYS) !== 'off'
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(SINGLE_KEYS, on ? 'on' : 'off')
}

/** A key without Ctrl that writes something: these can be turned off, Escape and arrows cannot. */
function isLetter(name: string): boolean {
  const last = name.startsWith('Shift+') ? name.slice(6) : name
  return last.length === 1
}

/**
 * Run the command of a key. Single keys act while the canvas, the outline or nothing has the focus
 * (WCAG 2.1.4), and not while a dialog is open.
 */
export function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return
  const name = keyNames(event).find((one) => byKey.has(one))
  if (name === undefined) return
  const typing = isTyping(event)
  // A dialog that was asked for has the keys, even before its code has come.
  const inDialog =
    editor().dialog !== null ||
    (event.target instanceof Element && event.target.closest('dialog') !== null)
  const isSingle = !name.startsWith('Ctrl+') && !name.startsWith('Alt+')
  if (isLetter(name) && !singleKeysOn()) return
  const inPanel =
    event.target instanceof Element && event.target.closest('[data-own-keys]') !== null
  for (const command of byKey.get(name) ?? []) {
    if ((typing || inDialog) && !command.inFields) continue
    if (isSingle && inPanel) continue
    if (command.isNative || command.not?.(editor())) continue
    event.preventDefault()
    void command.run()
    return
  }
}
