import { Copy, Download, FileBox } from 'lucide-react'
import type { GuestFile, GuestOutput } from '../../api/schema'
import { copyText } from '../../frame/clipboard'
import { toast } from '../../frame/toasts'

interface Props {
  outputs: readonly GuestOutput[]
  /** More is being made. */
  isAtWork: boolean
}

/** Results of the run. A video comes first and large. */
export function Results({ outputs, isAtWork }: Props) {
  const results = outputs.filter(({ files, text }) => files.length > 0 || text)
  if (results.length === 0)
    return isAtWork ? <div className="app-blank skeleton" aria-hidden="true" /> : null
  const withVideo = results.filter(hasVideo)
  const others = results.filter((one) => !hasVideo(one))
  return (
    <ul className="app-results" aria-label="Results">
      {[...withVideo, ...others].map((output) => (
        <li key={output.name} className={hasVideo(output) ? 'app-result is-large' : 'app-result'}>
          <h3 dir="auto">{output.label}</h3>
          {output.files.length > 0 && (
            <ul className={output.files.length > 1 ? 'app-files are-many' : 'app-files'}>
              {output.files.map((file, at) => (
                <li key={file.url}>
                  <Made file={file} label={labelOf(output, at)} />
                </li>
              ))}
            </ul>
          )}
          {output.text && <Words text={output.text} label={output.label} />}
        </li>
      ))}
    </ul>
  )
}

function hasVideo({ files }: GuestOutput): boolean {
  return files.some(({ kind }) => kind === 'video')
}

function labelOf({ label, files }: GuestOutput, at: number): string {
  return files.length > 1 ? `${label}, ${at + 1} of ${files.length}` : label
}

function Made({ file, label }: { file: GuestFile; label: string }) {
  return (
    <figure className={`app-made is-${file.kind}`}>
      <Medium file={file} label={label} />
      <figcaption>
        <a
          className="btn btn-s"
          href={`${file.url}?download=1`}
          download={file.filename}
          aria-label={`Download ${label}`}
        >
          <Download className="i i-14" aria-hidden />
          Download
        </a>
      </figcaption>
    </figure>
  )
}

function Medium({ file, label }: { file: GuestFile; label: string }) {
  const { kind, url } = file
  // So that nothing moves when it comes.
  const size = { width: file.width ?? undefined, height: file.height ?? undefined }
  switch (kind) {
    case 'video':
      return (
        <video src={url} {...size} aria-label={label} controls playsInline preload="metadata" />
      )
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
      return <audio src={url} aria-label={label} controls preload="metadata" />
    case 'image':
      return <img src={url} {...size} alt={label} />
    case 'model':
      return (
        <p className="app-model">
          <FileBox className="i i-20" aria-hidden />
          {file.filename}
        </p>
      )
  }
}

function Words({ text, label }: { text: string; label: string }) {
  const copy = async () => {
    toast((await copyText(text)) ? 'Copied.' : 'Select the text to copy it.')
  }
  return (
    <div className="app-words">
      <p dir="auto">{text}</p>
      <button
        className="btn btn-s"
        type="button"
        aria-label={`Copy ${label}`}
        onClick={() => void copy()}
      >
        <Copy className="i i-14" aria-hidden />
        Copy
      </button>
    </div>
  )
}
