import { type ComponentType, lazy, Suspense } from 'react'
import { type Dialog, useEditor } from '../editor/store'

/** Each dialog is fetched when it opens for the first time. */
const DIALOGS: Partial<Record<Dialog['name'], ComponentType>> = {
  answer: lazy(async () => ({
    default: (await import('../run/answer/AnswerDialog')).AnswerDialog,
  })),
  add: lazy(async () => ({ default: (await import('./AddDialog')).AddDialog })),
  commands: lazy(async () => ({ default: (await import('./CommandPalette')).CommandPalette })),
  connect: lazy(async () => ({ default: (await import('./ConnectDialog')).ConnectDialog })),
  find: lazy(async () => ({ default: (await import('./FindDialog')).FindDialog })),
  history: lazy(async () => ({
    default: (await import('../versions/HistoryDialog')).HistoryDialog,
  })),
  import: lazy(async () => ({ default: (await import('../io/ImportDialog')).ImportDialog })),
  keys: lazy(async () => ({ default: (await import('./KeysDialog')).KeysDialog })),
  publish: lazy(async () => ({
    default: (await import('../versions/PublishDialog')).PublishDialog,
  })),
  save: lazy(async () => ({ default: (await import('../versions/SaveDialog')).SaveDialog })),
  share: lazy(async () => ({ default: (await import('./ShareDialog')).ShareDialog })),
  versions: lazy(async () => ({
    default: (await import('../versions/VersionsDialog')).VersionsDialog,
  })),
}

/** The dialog that is open, one at a time. Each reads what it is about from the store. */
export function Dialogs() {
  const name = useEditor((state) => state.dialog?.name)
  const Open = name && DIALOGS[name]
  if (!Open) return null
  return (
    <Suspense fallback={null}>
      <Open />
    </Suspense>
  )
}
