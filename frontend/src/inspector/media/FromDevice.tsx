import { Camera, Upload as UploadIcon } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { MediaKind } from '../../api/schema'
import { say, toast } from '../../editor/actions'
import { pastedFile } from '../../frame/events'
import { A_KIND, startUpload, type Upload } from '../../uploads/upload'
import { type Picked, pickUpload } from './picked'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
}

/** The upload of one file at a time; a file that is pasted begins one. */
function useUpload(kind: Props['kind'], onPick: Props['onPick']) {
  const upload = useRef<Upload | null>(null)
  const [name, setName] = useState('')
  /** undefined: no upload; null: the server checks the file. */
  const [progress, setProgress] = useState<number | null | undefined>(undefined)
  const [problem, setProblem] = useState('')

  const take = (chosen: File | null | undefined) => {
    if (!chosen) return
    upload.current?.stop()
    setProblem('')
    setName(chosen.name)
    setProgress(0)
    say(`Uploading ${chosen.name}`)
    const fileUpload = startUpload(chosen, kind, setProgress)
    upload.current = fileUpload
    fileUpload.done.then(
      (uploaded) => {
        if (upload.current !== fileUpload) return
        upload.current = null
        if (uploaded.change) toast(uploaded.change)
        else say(`Uploaded ${chosen.name}`)
        onPick(pickUpload(uploaded))
      },
      (failure: Error) => {
        if (upload.current !== fileUpload) return
        upload.current = null
        setProgress(undefined)
        setProblem(failure.message)
      },
    )
  }
  const latest = useRef(take)
  latest.current = take

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = pastedFile(event)
      if (!file) return
      event.preventDefault()
      latest.current(file)
    }
    document.addEventListener('paste', paste)
    return () => {
      document.removeEventListener('paste', paste)
      const going = upload.current
      upload.current = null
      going?.stop()
    }
  }, [])

  return {
    name,
    progress,
    problem,
    take,
    stop: () => {
      upload.current?.stop()
      upload.current = null
      setProgress(undefined)
    },
  }
}

/** A file that is dropped, pasted, chosen or taken with the camera, and its upload. */
export function FromDevice({ kind, onPick }: Props) {
  const { name, progress, problem, take, stop } = useUpload(kind, onPick)
  const [isOver, setOver] = useState(false)

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way; the button is another
    <div
      className={`drop-zone${isOver ? ' is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer.files[0])
      }}
    >
      {progress === undefined ? (
        <Ways kind={kind} onTake={take} />
      ) : (
        <>
          <p className="clip" dir="auto">
            {name}
          </p>
          <progress
            aria-label={`Uploading ${name}`}
            max={1}
            value={progress === null ? undefined : progress}
          />
          <p className="help">
            {progress === null ? 'Checking…' : `${Math.round(progress * 100)}%`}
          </p>
          <button type="button" className="btn btn-s" onClick={stop}>
            Stop
          </button>
        </>
      )}
      {problem && (
        <p className="help help-bad" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

interface WaysProps {
  kind: Props['kind']
  onTake: (file: File | undefined) => void
}

/** Drop it, paste it, choose it, or take it with the camera. */
function Ways({ kind, onTake }: WaysProps) {
  const file = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  return (
    <>
      <UploadIcon className="i i-20" aria-hidden />
      <p>Drop {A_KIND[kind]} here, paste it, or choose a file.</p>
      <span className="row">
        <button type="button" className="btn btn-ink" onClick={() => file.current?.click()}>
          Choose a file
        </button>
        <button type="button" className="btn only-touch" onClick={() => camera.current?.click()}>
          <Camera className="i" aria-hidden />
          {kind === 'audio' ? 'Record' : 'Camera'}
        </button>
      </span>
      {[file, camera].map((input, at) => (
        <input
          key={at === 0 ? 'file' : 'camera'}
          ref={input}
          className="visually-hidden"
          type="file"
          tabIndex={-1}
          aria-label={at === 0 ? 'File' : 'Camera'}
          accept={kind === 'image' ? 'image/*,.heic,.heif,.avif,.tif,.tiff' : `${kind}/*`}
          capture={at === 0 ? undefined : 'environment'}
          onChange={(event) => {
            onTake(event.target.files?.[0])
            event.target.value = ''
          }}
        />
      ))}
    </>
  )
}
