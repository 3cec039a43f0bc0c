import { GitFork, Image, Pencil, RotateCw, Sparkles, Trash2 } from 'lucide-react'
import { keepKey, openKey } from '../../api/startKeys'
import { formPlace } from '../../runForm/formKey'
import { CsrfToken } from '../parts/CsrfToken'
import { Action } from './Action'
import { runAddress } from './follow'
import { MenuButton } from './MenuButton'
import { SinceStart } from './Moment'
import { isOver, type Line, unitsUsed, usePage } from './store'

export function Cost() {
  const units = usePage(unitsUsed)
  const estimate = usePage((state) => state.run.page.estimate)
  const hasFailed = usePage(({ steps }) =>
    Object.values(steps).some((step) => step.status === 'failed'),
  )
  return (
    <>
      <h2 id="cost">
        Credits used
        <span className="num box-right">
          <span data-used="">{units}</span>
          {` of ${estimate}`}
        </span>
      </h2>
      {estimate > 0 && (
        <progress className="cost-bar" max={estimate} value={units} aria-label="Credits used" />
      )}
      {hasFailed && <p className="muted">Failed stages weren't charged.</p>}
    </>
  )
}

/** The next actions on the run. */
export function NextActions() {
  const over = usePage(isOver)
  const isMine = usePage((state) => state.run.isMine)
  const { mayAct, offersPreview } = usePage((state) => state.run.page.actions)
  return (
    <>
      {over && isMine && mayAct && <Again />}
      {mayAct && offersPreview && (
        <Action to="preview" icon={Image}>
          Use as template preview
        </Action>
      )}
      {mayAct && <OfTemplate />}
      {over && isMine && (
        <Action to="delete" icon={Trash2}>
          Delete run
        </Action>
      )}
    </>
  )
}

/** The ways to run again: as it was, with new seeds, with other inputs. */
function Again() {
  const { id, status } = usePage((state) => state.run)
  const { againKey, template, isDraft } = usePage((state) => state.run.page.actions)
  const place = formPlace()
  const key = openKey(place) || againKey
  const isSeeded = usePage(({ steps }) => Object.values(steps).some((step) => step.seed !== null))
  return (
    <>
      {status === 'partial_failure' && (
        <Action to="resume" icon={RotateCw}>
          Retry failed stages
        </Action>
      )}
      <MenuButton id="again" icon={RotateCw} title="Run again">
        <form method="post" action={runAddress('again')} onSubmit={() => keepKey(place, key)}>
          <CsrfToken />
          <input type="hidden" name="key" value={key} />
          <button type="submit" name="seeds" value="same">
            <RotateCw className="i" aria-hidden />
            {isSeeded ? 'Same inputs and seeds' : 'Same inputs'}
          </button>
          {isSeeded && (
            <button type="submit" name="seeds" value="new">
              <Sparkles className="i" aria-hidden />
              New seeds
            </button>
          )}
        </form>
        {template && !isDraft && (
          <a href={`/t/${template}?run=${id}#run`}>
            <Pencil className="i" aria-hidden />
            Change inputs
          </a>
        )}
      </MenuButton>
    </>
  )
}

function OfTemplate() {
  const over = usePage(isOver)
  const { id, isMine } = usePage((state) => state.run)
  const { template, isDraft } = usePage((state) => state.run.page.actions)
  if (!template) return null
  if (isDraft)
    return (
      <a className="btn" href={`/t/${template}/edit`}>
        <Pencil className="i" aria-hidden />
        Open in the editor
      </a>
    )
  if (!isMine) return null
  return (
    <>
      {!over && (
        <a className="btn" href={`/t/${template}?run=${id}#run`}>
          <Pencil className="i" aria-hidden />
          Change inputs
        </a>
      )}
      <form method="post" action={`/t/${template}/fork`}>
        <CsrfToken />
        <input type="hidden" name="run" value={id} />
        <button className="btn" type="submit" title="Remix (fork)">
          <GitFork className="i" aria-hidden />
          Remix
        </button>
      </form>
    </>
  )
}

const LINE_WORDS: Readonly<Record<Line, string>> = {
  live: 'Live',
  lost: 'Reconnecting…',
  held: 'On hold',
}

export function Log() {
  const over = usePage(isOver)
  const line = usePage((state) => state.line)
  const lines = usePage((state) => state.log)
  const last = usePage((state) => state.run.lastSeq)
  const start = usePage((state) => state.run.createdAt)
  return (
    <>
      <h2 id="log">
        {over ? (
          'Log'
        ) : (
          <>
            <span className="dot dot-live" data-line={line === 'live' ? '' : 'lost'} />
            <span data-line-word="">{LINE_WORDS[line]}</span>
          </>
        )}
        <span className="faint num box-right">
          <span>{last}</span>
          {last === 1 ? ' event' : ' events'}
        </span>
      </h2>
      <ol
        className="log"
        reversed
        data-log=""
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        tabIndex={0}
        aria-label="Events, newest first"
      >
        {lines.map(({ sequence, message, at }) => (
          <li key={sequence} value={sequence}>
            <span className="num">{sequence}</span>
            <p dir="auto">{message}</p>
            <SinceStart at={at} start={start} />
          </li>
        ))}
      </ol>
    </>
  )
}
