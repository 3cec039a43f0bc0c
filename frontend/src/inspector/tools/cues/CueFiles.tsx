import { Download, Upload } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useEditor } from '../../../editor/store'
import { isTyping } from '../../../frame/events'
import type { Cue } from './cues'
import { type Reading, readingsOf, readUnicode } from './encodings'
import { readSubtitles, writeSrt, writeVtt } from './srt'

interface Props {
  cues: readonly Cue[]
  onBring: (cues: readonly Cue[], words: string) => void
}

/** More is no subtitle file. */
const MOST_BYTES = 2_000_000
/** Downloads have read what they need by then. */
const KEPT_MS = 60_000

/** Lines from a file, or from what was copied, and lines into one. */
export function CueFiles({ cues, onBring }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState('')
  const [question, setQuestion] = useState<Question | null>(null)
  const take = (text: string, from: string): boolean => {
    const { cues: newCues, lost } = readSubtitles(text)
    if (newCues.length === 0) {
      setProblem(`No subtitles in ${from}.`)
      return false
    }
    setProblem('')
    const count = newCues.length === 1 ? '1 line' : `${newCues.length} lines`
    const lostWords = lost === 0 ? '' : ` ${lost} couldn't be read.`
    onBring(newCues, `${count} from ${from}.${lostWords}`)
    return true
  }
  usePastedText(take)
  const open = async (file: File | undefined) => {
    if (!file) return
    setQuestion(null)
    if (file.size > MOST_BYTES) {
      setProblem(`${file.name} is too large for a subtitle file (limit 2 MB).`)
      return
    }
    const bytes = new Uint8Array(await file.arrayBuffer())
    const text = readUnicode(bytes)
    if (text !== null) {
      take(text, file.name)
      return
    }
    setProblem('')
    setQuestion({ name: file.name, readings: readingsOf(bytes, navigator.languages) })
  }
  return (
    <div className="cue-files">
      <button
        type="button"
        className="btn btn-s"
        title="Choose a file or paste the text"
        onClick={() => input.current?.click()}
      >
        <Upload className="i i-14" aria-hidden />
        Import SRT or VTT
      </button>
      {cues.length > 0 && <Downloads cues={cues} />}
      <input
        ref={input}
        className="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label="Subtitle file"
        accept=".srt,.vtt,text/vtt,application/x-subrip,text/plain"
        onChange={(event) => {
          void open(event.target.files?.[0])
          event.target.value = ''
        }}
      />
      {question && (
        <ChooseReading
          key={question.name}
          question={question}
          onChoose={(text) => {
            setQuestion(null)
            take(text, question.name)
          }}
        />
      )}
      {problem && (
        <p className="help help-bad" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

interface Question {
  readonly name: string
  readonly readings: readonly Reading[]
}

/** Asks which of several encodings a file has: only who knows its language can tell. */
function ChooseReading({
  question,
  onChoose,
}: {
  question: Question
  onChoose: (text: string) => void
}) {
  const id = useId()
  const [place, setPlace] = useState(0)
  const reading = question.readings[place]
  return (
    <div className="field cue-reading" role="alert">
      <label htmlFor={id}>This file isn't UTF-8. Choose the line that reads right.</label>
      <select
        className="input"
        id={id}
        value={place}
        onChange={(event) => setPlace(Number(event.target.value))}
      >
        {question.readings.map(({ encoding, sample }, at) => (
          <option key={encoding} value={at}>
            {encoding}: {sample}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="btn btn-s btn-ink"
        disabled={!reading}
        onClick={() => reading && onChoose(reading.text)}
      >
        Use this encoding
      </button>
    </div>
  )
}

/** Take text that is pasted outside of fields, if it looks like lines with times. */
function usePastedText(take: (text: string, from: string) => boolean): void {
  const latest = useRef(take)
  latest.current = take
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData('text/plain') ?? ''
      // Into a field, words are pasted as words.
      if (isTyping(event) || !text.includes('-->')) return
      if (latest.current(text, 'the pasted text')) event.preventDefault()
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [])
}

function Downloads({ cues }: { cues: readonly Cue[] }) {
  const title = useEditor((state) => state.template.name)
  const save = (text: string, ending: 'srt' | 'vtt') => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'subtitles'}.${ending}`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
  }
  return (
    <>
      <button
        type="button"
        className="btn btn-s btn-bare"
        title="Download as SRT"
        onClick={() => save(writeSrt(cues), 'srt')}
      >
        <Download className="i i-14" aria-hidden />
        SRT
      </button>
      <button
        type="button"
        className="btn btn-s btn-bare"
        title="Download as VTT"
        onClick={() => save(writeVtt(cues), 'vtt')}
      >
        <Download className="i i-14" aria-hidden />
        VTT
      </button>
    </>
  )
}
