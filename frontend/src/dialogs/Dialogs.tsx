import type { ComponentType } from 'react'
import { type Dialog, useEditor } from '../editor/store'
import { CommandPalette } from './CommandPalette'
import { FindDialog } from './FindDialog'
import { KeysDialog } from './KeysDialog'
import { ShareDialog } from './ShareDialog'

const DIALOGS: Partial<Record<Dialog['name'], ComponentType>> = {
  commands: CommandPalette,
  find: FindDialog,
  keys: KeysDialog,
  share: ShareDialog,
}

/** The dialog that is open, one at a time. Each reads what it is about from the store. */
export function Dialogs() {
  const name = useEditor((state) => state.dialog?.name)
  const Open = name && DIALOGS[name]
  return Open ? <Open /> : null
}
