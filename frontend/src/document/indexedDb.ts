/** The editor's IndexedDB: three stores, and the transactions over them that outbox.ts needs. */

import type { Change } from '../api/schema'
import type { History, Step } from './session'

/** A page that keeps something. scope: person and template. seen: epoch ms of its last sign. */
export interface Owner {
  scope: string
  client: string
  seen: number
}

/** place: sorts the changes of one page. */
export interface StoredChange {
  scope: string
  client: string
  id: string
  place: number
  change: Change
}

export interface StoredStep {
  scope: string
  client: string
  stack: keyof History
  seq: number
  step: Step
}

export interface Exchange {
  changes: StoredChange[]
  steps: StoredStep[]
  goneChanges: IDBValidKey[]
  goneSteps: IDBValidKey[]
}

const NAME = 'reelgraph-editor'
const VERSION = 1
const STORES = ['owners', 'changes', 'steps'] as const

/** onLost: another page wants a newer form of the database; this connection is closed. */
export async function openDatabase(factory: IDBFactory, onLost: () => void): Promise<Database> {
  const request = factory.open(NAME, VERSION)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('owners', { keyPath: ['scope', 'client'] })
    request.result.createObjectStore('changes', { keyPath: ['scope', 'client', 'id'] })
    request.result.createObjectStore('steps', { keyPath: ['scope', 'client', 'stack', 'seq'] })
  }
  const connection = await resultOf(request)
  connection.onversionchange = () => {
    connection.close()
    onLost()
  }
  connection.onclose = onLost
  return new Database(connection)
}

export class Database {
  constructor(private readonly connection: IDBDatabase) {}

  close(): void {
    this.connection.close()
  }

  async put(store: (typeof STORES)[number], records: readonly object[]): Promise<void> {
    const work = this.connection.transaction(store, 'readwrite')
    for (const record of records) work.objectStore(store).put(record)
    await commitOf(work)
  }

  owners(scope: string): Promise<Owner[]> {
    const store = this.connection.transaction('owners').objectStore('owners')
    return resultOf(store.getAll(below([scope])) as IDBRequest<Owner[]>)
  }

  async exchange({ changes, steps, goneChanges, goneSteps }: Exchange): Promise<void> {
    if (changes.length + steps.length + goneChanges.length + goneSteps.length === 0) return
    const work = this.connection.transaction(['changes', 'steps'], 'readwrite')
    for (const key of goneChanges) work.objectStore('changes').delete(key)
    for (const key of goneSteps) work.objectStore('steps').delete(key)
    for (const change of changes) work.objectStore('changes').put(change)
    for (const step of steps) work.objectStore('steps').put(step)
    await commitOf(work)
  }

  /**
   * Give all that one page kept to another, and forget the page. The changes come before those that
   * the heir has; steps get negative numbers, which a session never gives. Returns what was moved.
   */
  async move(
    scope: string,
    from: string,
    to: string,
  ): Promise<{ changes: StoredChange[]; steps: StoredStep[] }> {
    const work = this.connection.transaction(STORES, 'readwrite')
    const commit = commitOf(work)
    const [owners, changes, steps] = STORES.map((name) => work.objectStore(name)) as [
      IDBObjectStore,
      IDBObjectStore,
      IDBObjectStore,
    ]
    const reads = await Promise.all([
      resultOf(changes.getAll(below([scope, from])) as IDBRequest<StoredChange[]>),
      resultOf(changes.getAll(below([scope, to])) as IDBRequest<StoredChange[]>),
      resultOf(steps.getAll(below([scope, from])) as IDBRequest<StoredStep[]>),
      resultOf(steps.getAll(below([scope, to])) as IDBRequest<StoredStep[]>),
    ])
    const [leftChanges, mine, leftSteps, mySteps] = reads
    const firstPlace = Math.min(0, ...mine.map(({ place }) => place)) - leftChanges.length
    const movedChanges = leftChanges
      .sort((one, other) => one.place - other.place)
      .map((stored, at) => ({ ...stored, client: to, place: firstPlace + at }))
    const firstSeq = Math.min(0, ...mySteps.map(({ seq }) => seq)) - leftSteps.length
    const movedSteps = leftSteps
      .sort((one, other) => one.seq - other.seq)
      .map((stored, at) => ({ ...stored, client: to, seq: firstSeq + at }))
    changes.delete(below([scope, from]))
    steps.delete(below([scope, from]))
    owners.delete([scope, from])
    for (const record of movedChanges) changes.put(record)
    for (const record of movedSteps) steps.put(record)
    await commit
    return { changes: movedChanges, steps: movedSteps }
  }

  /** Drop the undo history of pages that were last seen before then. Unsent changes stay. */
  async forgetBefore(then: number): Promise<void> {
    const work = this.connection.transaction(STORES, 'readwrite')
    const commit = commitOf(work)
    const owners = await resultOf(work.objectStore('owners').getAll() as IDBRequest<Owner[]>)
    // 0 is a goodbye, not an age; anyone who said it is taken over when the template is next opened.
    for (const { scope, client, seen } of owners)
      if (seen > 0 && seen < then) work.objectStore('steps').delete(below([scope, client]))
    await commit
  }
}

/** All keys that begin with these parts: an array sorts behind every text and number. */
function below(parts: string[]): IDBKeyRange {
  return IDBKeyRange.bound(parts, [...parts, []])
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function commitOf(work: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve()
    work.onerror = () => reject(work.error)
    work.onabort = () => reject(work.error ?? new Error("The browser couldn't save."))
  })
}
