import { CircleCheck, FileUp, TriangleAlert } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { closeDialog } from '../editor/actions'
import { take } from '../editor/pendingImport'
import { useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'
import { importTemplate } from './importing'
import { type Brought, countWords, readTemplate } from './read'

/** A template from a file or from text: what it would bring, and where to. */
export function ImportDialog() {
  const tools = useEditor((state) => state.tools)
  const isEmpty = useEditor((state) => state.doc.stages.order.length === 0)
  const dialog = useEditor((state) => state.dialog)
  const [text, setText] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState('')
  const content = useMemo(
    () => (text.trim() === '' ? null : readTemplate(text, tools)),
    [text, tools],
  )
  const give = (given: string) => {
    setText(given)
    setRefusal('')
  }
  // Opened with a text, also while it is open.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it was opened again.
  useEffect(() => {
    const dropText = take()
    if (dropText !== null) give(dropText)
  }, [dialog])
  const go = async (how: 'replace' | 'add') => {
    if (!content || content.type === 'problem') return
    setBusy(true)
    try {
      setRefusal((await importTemplate(content, how)) ?? '')
    } catch (error) {
      setRefusal((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  const isReady = content !== null && content.type !== 'problem' && !isBusy
  return (
    <Dialog title="Import a template" className="import-dialog">
      <DropArea onFile={(file) => void file.text().then(give)} />
      <label className="field">
        <span className="label">Or paste JSON</span>
        <textarea
          className="input import-text"
          value={text}
          spellCheck={false}
          placeholder={'{ "name": "The Last Lamp", "stages": [ … ] }'}
          aria-describedby="import-found"
          aria-invalid={content?.type === 'problem' || undefined}
          onChange={(event) => give(event.target.value)}
        />
      </label>
      <div id="import-found" role="status">
        {content && <Told found={content} />}
        {refusal && <p className="help help-bad">{refusal}</p>}
      </div>
      <div className="row">
        <button type="button" className="btn" onClick={() => closeDialog()}>
          Cancel
        </button>
        <button
          type="button"
          className="btn"
          disabled={!isReady || (isEmpty && content.type === 'template')}
          onClick={() => void go('add')}
        >
          Add to draft
        </button>
        <button
          type="button"
          className="btn btn-ink"
          disabled={!isReady || content?.type === 'stages'}
          aria-busy={isBusy}
          onClick={() => void go('replace')}
        >
          Replace draft
        </button>
      </div>
    </Dialog>
  )
}

/** A file is dropped here, or chosen. */
function DropArea({ onFile }: { onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const readFiles = (files: FileList | null) => {
    const first = files?.[0]
    if (first) onFile(first)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same.
    <div
      className={`import-drop${isOver ? ' is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        readFiles(event.dataTransfer.files)
      }}
    >
      <FileUp className="i i-20" aria-hidden />
      <p>Drop a .json file here</p>
      <button type="button" className="btn btn-s" onClick={() => file.current?.click()}>
        Choose a file
      </button>
      <input
        ref={file}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label="Template file"
        onChange={(event) => readFiles(event.target.files)}
      />
    </div>
  )
}

function Told({ found }: { found: Brought }) {
  if (found.type === 'problem') return <p className="help help-bad">{found.text}</p>
  const what = [countWords(found.stages, 'stage'), countWords(found.inputs, 'input')].join(', ')
  return (
    <div className="import-found">
      <p>
        <strong>{found.type === 'stages' ? 'Copied stages' : found.name}</strong>, {what}
      </p>
      <ul>
        {found.notes.length === 0 && (
          <li>
            <CircleCheck className="i i-14" aria-hidden />
            All tools are available.
          </li>
        )}
        {found.notes.map((note) => (
          <li key={note.text} className={note.severity === 'error' ? 'is-bad' : 'is-mild'}>
            <TriangleAlert className="i i-14" aria-hidden />
            {note.text}
          </li>
        ))}
      </ul>
    </div>
  )
}
