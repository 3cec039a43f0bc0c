/** Opens the document: fetches it and the tools, and keeps the store true from then on. */

import { ApiError } from '../api/http'
import type { DocumentMessage, Opened } from '../api/schema'
import { newId } from '../document/ids'
import { Outbox } from '../document/outbox'
import { Session } from '../document/session'
import { DocumentSocket, type Presence, SUSPENDED } from '../document/socket'
import { Sync } from '../document/sync'
import { unknownReferences } from '../graph/templates'
import { mainText, ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import { attach, say, toast } from './actions'
import { api } from './api'
import { showField } from './inspected'
import { lookForIssues } from './issues'
import { onPresence } from './presence'
import { roleWords } from './roles'
import { BOOT, documentOf, editor, setDocument, useEditor } from './store'
import { learnUses } from './uses'

/** The features above the editor that go along with the document: comments and runs. */
export interface SessionListener {
  /** The document is open. */
  opened(): void
  /** Its socket is open, at first or after a pause: what happened before was not told. */
  connected(): void
  /** Comments changed, or who may read them. */
  commentsChanged(): void
  /** Someone started a run of the draft. */
  runStarted(runId: string): void
  /** The document is not mine to see any more. */
  left(): void
}

const set = useEditor.setState
let sync: Sync | null = null
let socket: DocumentSocket | null = null
let listener: SessionListener | null = null

export async function openEditor(above: SessionListener): Promise<void> {
  listener = above
  try {
    const [answer, table] = await Promise.all([api.open(BOOT.templateId), api.tools()])
    await start(answer, new ToolTable(table.tools, answer.uses))
  } catch (failure) {
    const words = failure instanceof Error ? failure.message : ''
    set({ phase: 'failed', problem: words || "Couldn't open this template." })
  }
}

/** Send what is pending and wait for the answer. False: the server could not be told. */
export async function saveNow(): Promise<boolean> {
  if (!sync) return true
  await sync.flush()
  return sync.status.pending === 0
}

async function start(opened: Opened, tools: ToolTable): Promise<void> {
  const session = new Session(opened.state, opened.rev)
  attach(session)
  set({ tools, ...factsOf(opened), ...linksOf(opened), people: opened.people })
  mirror(session)
  session.subscribe(() => mirror(session))
  if (opened.template.role) await connect(session)
  set({ phase: 'open' })
  if (BOOT.message) toast(BOOT.message)
  lookForIssues()
  listener?.opened()
  showPrompt()
}

/** Go to the prompt of the stage that the address names, as a run's page does after a refusal. */
function showPrompt(): void {
  const stage = new URLSearchParams(location.search).get('prompt')
  const tool = stage === null ? undefined : editor().wiring.nodes.get(stage)?.tool
  if (stage !== null && tool) showField(stage, mainText(tool)?.name ?? 'prompt')
}

/** Keep changes here until the server has them, and hear what others do. */
async function connect(session: Session): Promise<void> {
  const clientId = newId()
  const { templateId, me } = BOOT
  const outbox = await Outbox.open({ templateId, userId: me.id, clientId })
  const carrier = new Sync({
    session,
    outbox,
    api,
    templateId,
    clientId,
    onRejected: (change, problem) => toast(`“${change.label}” wasn't saved. ${problem.message}`),
    onReloaded: takeFacts,
  })
  sync = carrier
  carrier.subscribe(() => {
    set({ sync: carrier.status })
    if (carrier.status.state === 'saved') lookForIssues()
  })
  await carrier.start()
  socket = new DocumentSocket({
    templateId,
    clientId,
    rev: () => session.rev,
    onEvent: (event) => onMessage(event, carrier, clientId),
    onOpen: () => {
      carrier.catchUp()
      listener?.connected()
    },
    onClose: (isFinal, code) => {
      set({ people: [] })
      // The server has words for it, and the date.
      if (code === SUSPENDED) location.reload()
      else if (isFinal) void refreshFacts()
    },
  })
  socket.open()
  let cursor: Presence['cursor'] = null
  const tell = () => {
    const { inside, selection } = editor()
    const [first] = inside?.path ?? []
    // Inside a stage, others see that I am at it.
    if (first) socket?.say({ selection: [first.key], cursor: null })
    else socket?.say({ selection: [...selection], cursor })
  }
  onPresence((at) => {
    cursor = at
    tell()
  })
  useEditor.subscribe((state, before) => {
    if (state.selection !== before.selection) tell()
  })
}

function onMessage(event: DocumentMessage, carrier: Sync, clientId: string): void {
  switch (event.event) {
    case 'change':
      carrier.hear(event.change)
      break
    case 'people':
      set({ people: event.people.filter((one) => one.clientId !== clientId) })
      break
    case 'saved':
      void refreshFacts()
      break
    case 'behind':
      carrier.catchUp()
      void refreshFacts()
      break
    case 'ping':
    case 'pong':
      carrier.hearRev(event.rev)
      break
    case 'role':
      void refreshFacts().then(() => listener?.commentsChanged())
      break
    case 'comments':
      listener?.commentsChanged()
      break
    case 'run':
      listener?.runStarted(event.id)
      break
  }
}

function factsOf(opened: Opened) {
  return {
    template: opened.template,
    base: opened.base,
    savedRev: opened.savedRev,
  }
}

function linksOf(opened: Opened) {
  return { canEdit: opened.template.canEdit, media: opened.media }
}

function takeFacts(opened: Opened): void {
  set(factsOf(opened))
  setDocument(linksOf(opened))
  learnUses(opened.uses)
}

/** I am about to leave: that the server then hangs up is no news. Returns what takes it back. */
export function stopListening(): () => void {
  socket?.close()
  return () => socket?.open()
}

let refreshing: Promise<void> | null = null

/** Read what is not in the document: my role, its newest version, links to media. */
export function refreshFacts(): Promise<void> {
  refreshing ??= readFacts().finally(() => {
    refreshing = null
  })
  return refreshing
}

async function readFacts(): Promise<void> {
  try {
    const answer = await api.open(BOOT.templateId)
    const { role } = editor().template
    if (role && !answer.template.role) leave()
    else {
      takeFacts(answer)
      if (role !== answer.template.role) sayRole()
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) leave()
    // Else the next save or reload tells; nothing that was typed depends on it.
  }
}

function sayRole(): void {
  const { template } = editor()
  if (!template.canEdit) set({ wire: null, dialog: null })
  toast(`${template.owner ?? 'The owner'} changed your role. ${roleWords(template.role)}.`)
  lookForIssues()
}

/** I was removed, or the template was deleted: what is on the screen is not mine to see. */
function leave(): void {
  sync?.stop()
  socket?.close()
  listener?.left()
  const problem = 'You no longer have access to this template.'
  set({ phase: 'failed', problem, people: [], dialog: null })
  say(problem)
}

/** Bring what the session knows into the store. Wiring keeps the identity of what is unchanged. */
function mirror(session: Session): void {
  const { doc, wiring, tools } = documentOf(editor())
  const view = session.view
  // What others did, and what a run wrote, is looked at as well.
  if (session.rev !== editor().rev) lookForIssues()
  set({ rev: session.rev, undoLabel: session.canUndo, redoLabel: session.canRedo })
  if (view !== doc) setDocument({ doc: view, wiring: readWiring(view, tools, wiring) })
  if (view !== doc) lookForUses()
}

/** References whose meaning was asked for, so that what is unavailable is asked for once. */
const lookups = new Set<string>()

/** Someone inserted a template: ask what it is. */
function lookForUses(): void {
  const { phase } = editor()
  const { doc, tools } = documentOf(editor())
  const news = unknownReferences(doc, tools).filter((reference) => !lookups.has(reference))
  if (news.length === 0 || phase !== 'open') return
  for (const reference of news) lookups.add(reference)
  void refreshFacts()
}
