/**
 * The state that the faces of the editor show. The document itself lives in a Session; this store
 * mirrors it with what is derived from it, and holds what is no one else's business: selection,
 * mode, dialogs. Run state has a store of its own (run/store.ts), so that progress re-renders
 * nothing here.
 */

import { create } from 'zustand'
import type {
  Boot,
  Crumb,
  Doc,
  Issue,
  Person,
  ReferencedMedium,
  SocketKind,
  TemplateFacts,
} from '../api/schema'
import { emptyDoc } from '../document/ops'
import type { SyncStatus } from '../document/sync'
import { ToolTable } from '../graph/tools'
import { readWiring, type Wiring } from '../graph/wiring'

export interface Point {
  x: number
  y: number
}

/** An end of a wire that is being drawn, or a place that something is to be added to. */
export interface End {
  node: string
  socket: string
  kind: SocketKind
  side: 'in' | 'out'
}

/** The dialog that is open, with what it is about. */
export type Dialog =
  | { name: 'commands' }
  | { name: 'find' }
  | { name: 'keys' }
  | { name: 'share' }
  | { name: 'versions' }
  | { name: 'save' }
  | { name: 'publish' }
  | { name: 'import' }
  | { name: 'history' }
  /** Comments on a stage, or without one on the whole draft. comment: the one to show. */
  | { name: 'comments'; stage?: string; comment?: number; screen?: Point }
  /** Answer what the run asks. */
  | { name: 'answer'; wait: string; screen?: Point }
  /** Choose a stage. at: canvas coordinates; from: the end to connect; insert: a wire's id. */
  | { name: 'add'; at?: Point; screen?: Point; from?: End; insert?: string }
  /** Ask before something is done. action: what the button says. */
  | { name: 'confirm'; title: string; text: string; action: string; run: () => void }
  /** Name the template that these stages become. */
  | { name: 'template'; stages: readonly string[] }
  /** Choose what to connect an end to. */
  | { name: 'connect'; from: End; screen?: Point }

export interface Toast {
  text: string
  action?: { label: string; run: () => void }
}

/** isCalm: of a stage that was just added; what it lacks is no error yet. */
export interface ShownIssue extends Issue {
  readonly isCalm?: boolean
}

/** The document that is drawn, and whether it may be edited. */
export type Drawn = Pick<EditorState, 'doc' | 'wiring' | 'tools' | 'media' | 'canEdit' | 'issues'>

/** The stage whose inside is drawn. path: the way to it, itself the last. */
export interface OpenStage {
  readonly path: readonly Crumb[]
  /** The template that it is; "" where it only holds stages of the same one. */
  readonly template: string
  readonly mayOpen: boolean
  /** The origins of its inputs' values that aren't known, in words. */
  readonly sources: Readonly<Record<string, string>>
  /** The run whose values its inputs show. */
  readonly run: string | null
  /** The drawing of the whole document, to go back to. */
  readonly around: Drawn
  /** Go back to it. */
  readonly leave: () => void
}

export type Mode = 'edit' | 'run' | 'compare'
export type Face = 'canvas' | 'outline'

export interface EditorState {
  phase: 'opening' | 'open' | 'failed'
  problem: string
  boot: Boot
  template: TemplateFacts
  base: { number: number; version: string }
  /** The revision that the newest version was made of. */
  savedRev: number
  rev: number
  doc: Doc
  tools: ToolTable
  wiring: Wiring
  /** Media that the document names by reference. */
  media: Record<string, ReferencedMedium>
  canEdit: boolean
  mode: Mode
  face: Face
  inside: OpenStage | null
  /** Ids of nodes (`$inputs`, stage keys), and of `frame:<key>` and `note:<key>`. */
  selection: ReadonlySet<string>
  /** The selected wire's id. */
  wire: string | null
  /** The node of the graph that has the keyboard, for `C`, `A`, `.`. */
  focused: string | null
  sync: SyncStatus
  undoLabel: string | null
  redoLabel: string | null
  issues: readonly ShownIssue[]
  /** Keys of stages that were just added: see `editor/calm.ts`. */
  calm: ReadonlySet<string>
  people: readonly Person[]
  dialog: Dialog | null
  toast: Toast | null
}

const NO_TOOLS = new ToolTable([])

export const BOOT: Boot = readBoot()

export const useEditor = create<EditorState>(() => ({
  phase: 'opening',
  problem: '',
  boot: BOOT,
  template: {
    name: '',
    visibility: 'private',
    publishedVersion: null,
    isOwner: false,
    canEdit: false,
    role: null,
  },
  base: { number: 0, version: '' },
  savedRev: 0,
  rev: 0,
  doc: emptyDoc(),
  tools: NO_TOOLS,
  wiring: readWiring(emptyDoc(), NO_TOOLS),
  media: {},
  canEdit: BOOT.canEdit,
  mode: 'edit',
  face: window.innerWidth < 760 ? 'outline' : 'canvas',
  inside: null,
  selection: new Set<string>(),
  wire: null,
  focused: null,
  sync: { state: 'saved', pending: 0, isKept: true, reason: null },
  undoLabel: null,
  redoLabel: null,
  issues: [],
  calm: new Set<string>(),
  people: [],
  dialog: null,
  toast: null,
}))

/** The state now, for event handlers. Components use `useEditor(selector)`. */
export const editor = useEditor.getState

/** Return the document itself, also while the inside of a stage is drawn. */
export function documentOf(state: EditorState): Drawn {
  return state.inside?.around ?? state
}

/** Take in what changed of the document itself. */
export function setDocument(part: Partial<Drawn>): void {
  useEditor.setState(({ inside }) =>
    inside ? { inside: { ...inside, around: { ...inside.around, ...part } } } : part,
  )
}

/** Return the reason that what is drawn can't be edited, or null. */
export function whyViewOnly({ canEdit, inside }: Pick<EditorState, 'canEdit' | 'inside'>) {
  if (canEdit) return null
  return inside
    ? 'View only. Go back to edit, or open its template.'
    : 'View only. Remix it to edit your own copy.'
}

function readBoot(): Boot {
  const text = document.getElementById('boot')?.textContent
  if (text) return JSON.parse(text) as Boot
  const me = { id: '', name: '', initials: '?', hue: 0 }
  return {
    templateId: '',
    me,
    canEdit: false,
    role: null,
    owner: '',
    theme: '',
    bindingPatterns: {},
    isFirstVisit: false,
    isOperator: false,
    hasLanguageModel: false,
    message: '',
  }
}
