import type { ComponentType } from 'react'
import { type Dialog as Asked, useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'
import { later } from '../parts/later'

type Name = Asked['name']

function dialog<M>(load: () => Promise<M>, pick: (found: M) => ComponentType) {
  return later(load, pick, { frame: (sorry) => <Dialog title="Not available">{sorry}</Dialog> })
}

const DIALOGS = {
  answer: dialog(
    () => import('../run/answer/AnswerDialog'),
    (found) => found.AnswerDialog,
  ),
  add: dialog(
    () => import('./AddDialog'),
    (found) => found.AddDialog,
  ),
  commands: dialog(
    () => import('./CommandPalette'),
    (found) => found.CommandPalette,
  ),
  comments: dialog(
    () => import('./CommentsDialog'),
    (found) => found.CommentsDialog,
  ),
  confirm: dialog(
    () => import('./ConfirmDialog'),
    (found) => found.ConfirmDialog,
  ),
  connect: dialog(
    () => import('./ConnectDialog'),
    (found) => found.ConnectDialog,
  ),
  find: dialog(
    () => import('./FindDialog'),
    (found) => found.FindDialog,
  ),
  history: dialog(
    () => import('../versions/HistoryDialog'),
    (found) => found.HistoryDialog,
  ),
  import: dialog(
    () => import('../io/ImportDialog'),
    (found) => found.ImportDialog,
  ),
  keys: dialog(
    () => import('./KeysDialog'),
    (found) => found.KeysDialog,
  ),
  publish: dialog(
    () => import('../versions/PublishDialog'),
    (found) => found.PublishDialog,
  ),
  save: dialog(
    () => import('../versions/SaveDialog'),
    (found) => found.SaveDialog,
  ),
  share: dialog(
    () => import('./ShareDialog'),
    (found) => found.ShareDialog,
  ),
  template: dialog(
    () => import('./TemplateDialog'),
    (found) => found.TemplateDialog,
  ),
  versions: dialog(
    () => import('../versions/VersionsDialog'),
    (found) => found.VersionsDialog,
  ),
} satisfies Record<Name, ComponentType>

/** Have these here before their keys are pressed, so that nothing typed after the key is lost. */
export function fetchDialogs(...names: Name[]): void {
  for (const name of names) DIALOGS[name].fetch()
}

/** The dialog that is open, one at a time. Each reads what it is about from the store. */
export function Dialogs() {
  const name = useEditor((state) => state.dialog?.name)
  const Open = name && DIALOGS[name]
  return Open ? <Open /> : null
}
