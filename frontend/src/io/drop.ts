/** Files dropped anywhere in the window: templates lead to the import, and none is opened instead. */

import { bring } from '../canvas/connect/bringing'
import { open } from '../editor/pendingImport'
import { editor } from '../editor/store'

/** Listen to the document. What a place of its own takes, such as the canvas, never comes here. */
export function listenForFiles(): () => void {
  document.addEventListener('dragover', over)
  document.addEventListener('drop', onDrop)
  return () => {
    document.removeEventListener('dragover', over)
    document.removeEventListener('drop', onDrop)
  }
}

function brings(event: DragEvent): DataTransfer | null {
  const data = event.dataTransfer
  if (event.defaultPrevented || !data?.types.includes('Files')) return null
  // Without this the browser leaves the editor for the file.
  event.preventDefault()
  return data
}

function over(event: DragEvent): void {
  const data = brings(event)
  if (data) data.dropEffect = takes() ? 'copy' : 'none'
}

function onDrop(event: DragEvent): void {
  const data = brings(event)
  if (!data || !takes()) return
  const files = [...data.files]
  if (editor().dialog === null) {
    void bring((code) => code.bringFiles(files))
    return
  }
  void files[0]?.text().then(open)
}

function takes(): boolean {
  const { phase, canEdit, dialog } = editor()
  return phase === 'open' && canEdit && (dialog === null || dialog.name === 'import')
}
