import { Hourglass, Music, Radio } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef } from 'react'
import type { Medium as File } from '../../api/schema'
import { Blocked } from '../../run/shared/Blocked'
import { ModelView } from '../../run/shared/ModelView'
import { secondsLeft } from '../../run/shared/secondsLeft'
import { about } from '../../run/shared/time'
import { useNow } from '../../run/shared/useNow'
import { fileOf, filesOf, makersOf } from './screen'
import { chooseFile, isOver, page, usePage } from './store'
import { Thumbs } from './Thumbs'
import { doingWords } from './words'

const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches

/** The run's result, or the newest of what it has made so far. */
export function Screen() {
  const over = usePage(isOver)
  useRoot()
  return over ? <Film /> : <Live />
}

function Film() {
  const { isChosen } = usePage((state) => state.screen)
  const file = usePage((state) => fileOf(state, state.screen.id))
  if (!file) return null
  return (
    <>
      <section className="run-film" aria-label="Result" data-film="">
        <div className="film-screen" data-screen="" data-chosen={isChosen || undefined}>
          <Shown file={file} isChosen={isChosen} />
        </div>
        <p className="film-origin">{file.origin}</p>
      </section>
      <Thumbs className="thumbs film-thumbs" label="All results" />
    </>
  )
}

/** The file on the screen of a finished run. */
function Shown({ file, isChosen }: { file: File; isChosen: boolean }) {
  const title = usePage((state) => state.run.page.title)
  const poster = usePage((state) => state.run.page.poster)
  if (file.isBlocked) return <Blocked />
  const name = isChosen ? labelOf(file) : title
  if (file.kind === 'model') return <ModelView key={file.id} medium={file} name={name} />
  if (file.kind === 'image')
    return (
      <img
        key={file.id}
        className="film"
        src={file.url}
        width={file.width ?? undefined}
        height={file.height ?? undefined}
        alt={name}
        data-artifact={file.id}
      />
    )
  if (file.kind === 'audio')
    // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
    return <audio key={file.id} controls src={file.url} aria-label={name} data-artifact={file.id} />
  return (
    <Video
      key={file.id}
      file={file}
      name={name}
      isChosen={isChosen}
      poster={(!isChosen && poster) || undefined}
    />
  )
}

interface VideoProps {
  file: File
  name: string
  isChosen: boolean
  poster?: string | undefined
}

function Video({ file, name, isChosen, poster }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (isChosen) video.current?.play().catch(() => undefined)
  }, [isChosen])
  return (
    // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
    <video
      ref={video}
      className="film"
      controls
      playsInline
      preload="auto"
      src={file.url}
      poster={poster}
      width={file.width ?? undefined}
      height={file.height ?? undefined}
      aria-label={name}
      data-artifact={file.id}
    />
  )
}

function labelOf(file: File): string {
  const maker = makersOf(page()).find((step) => step.artifacts.some(({ id }) => id === file.id))
  const title = page().run.page.stages[maker?.key ?? '']?.title ?? maker?.title
  return `${title}, result`
}

// -- while the run goes on ------------------------------------------------------------------------

function Live() {
  return (
    <section className="media live" aria-label="Live">
      <div className="live-screen" data-screen="">
        <Newest />
      </div>
      <Doing />
      <span className="bottom-left">
        <Thumbs className="thumbs" label="Results so far" />
      </span>
      <Left />
      <Progress />
    </section>
  )
}

function Newest() {
  const { isChosen } = usePage((state) => state.screen)
  const file = usePage((state) => fileOf(state, state.screen.id))
  const question = usePage((state) => state.run.page.featured)
  if (!file && question.question)
    return (
      <div className="live-asks">
        <Hourglass className="i i-20" aria-hidden />
        <p dir="auto">
          {question.stage ? `${question.stage} is waiting for you` : 'Waiting for you'}
        </p>
        <strong dir="auto">{question.question}</strong>
      </div>
    )
  if (!file)
    return (
      <p className="live-empty">
        <Hourglass className="i i-20" aria-hidden />
        <span>The first result will appear here.</span>
      </p>
    )
  if (file.isBlocked) return <Blocked />
  const name = isChosen ? labelOf(file) : 'Latest result'
  if (file.kind === 'model') return <ModelView key={file.id} medium={file} name={name} />
  if (file.kind === 'image')
    return <img key={file.id} src={file.url} alt={name} loading="lazy" data-artifact={file.id} />
  if (file.kind === 'audio')
    // An audio player alone on the dark screen looks like a video that does not show.
    return (
      <div key={file.id} className="live-sound">
        <Music className="i i-20" aria-hidden />
        {/* biome-ignore lint/a11y/useMediaCaption: what stages make has no captions. */}
        <audio
          src={file.url}
          aria-label={name}
          controls
          preload="metadata"
          data-artifact={file.id}
        />
      </div>
    )
  return <MovingVideo key={file.id} file={file} name={name} isChosen={isChosen} />
}

/** A video: silent where it moves automatically, with its sound where a person starts it. */
function MovingVideo({ file, name, isChosen }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null)
  const moves = !isStill && !isChosen
  useEffect(() => {
    const element = video.current
    if (!element) return
    element.loop = moves
    element.muted = moves
    element.controls = !moves
    if (isChosen) element.currentTime = 0
    if (moves || isChosen) element.play().catch(() => undefined)
  }, [moves, isChosen])
  return (
    // biome-ignore lint/a11y/useMediaCaption: what stages make has no captions.
    <video
      ref={video}
      src={file.url}
      aria-label={name}
      playsInline
      preload="metadata"
      data-artifact={file.id}
      onClick={() => moves && chooseFile(file.id)}
    />
  )
}

/** The stages at work. */
function Doing() {
  const words = usePage(({ run, steps }) =>
    running({ run, steps })
      .map((step) => doingWords(run.page.stages[step.key]?.title ?? step.title, step.counts))
      .join(', '),
  )
  return (
    <span className="top-left">
      <span className="glass" hidden={words === ''}>
        <Radio className="i" aria-hidden />
        <span>{words}</span>
      </span>
    </span>
  )
}

/** The progress of the first of them, and the time that it may still take. */
function Left() {
  const step = usePage((state) => running(state)[0])
  const usual = usePage((state) => (step && state.run.page.stages[step.key]?.usual) ?? null)
  const now = useNow(step !== undefined)
  const words = []
  if (step && step.progress > 0) words.push(`${Math.round(100 * step.progress)}%`)
  const seconds = step ? secondsLeft(step, usual, now) : null
  if (seconds !== null && seconds >= 1) words.push(`${about(seconds)} left`)
  return (
    <span className="bottom-right">
      <span className="glass num" hidden={words.length === 0}>
        {words.join(', ')}
      </span>
    </span>
  )
}

function Progress() {
  const progress = usePage((state) => running(state)[0]?.progress ?? 0)
  return <progress className="live-progress" max={1} value={progress} aria-label="Running stage" />
}

function running({ run, steps }: Pick<ReturnType<typeof page>, 'run' | 'steps'>) {
  return run.page.order
    .flatMap((key) => steps[key] ?? [])
    .filter((step) => step.status === 'running')
}

/** Let the page around the components follow the run, too, once they have drawn it. */
function useRoot(): void {
  const over = usePage(isOver)
  const status = usePage((state) => state.run.status)
  const screenId = usePage((state) => state.screen.id ?? '')
  const hasFiles = usePage((state) => filesOf(state).length > 0)
  useLayoutEffect(() => {
    const root = document.getElementById('run')
    if (!root) return
    root.dataset.status = status
    root.dataset.shown = screenId
    root.toggleAttribute('data-over', over)
    const comments = root.querySelector<HTMLElement>('[data-comments-place]')
    if (comments) comments.hidden = !hasFiles
  }, [over, status, screenId, hasFiles])
}
