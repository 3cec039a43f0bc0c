import { ArrowRight, Info, Play } from 'lucide-react'
import { isObject, row } from '../document/ops'
import { useEditor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { listed, wordsOf } from '../graph/words'
import { Note } from '../parts/Note'
import { pictureOf } from '../run/pictures'
import { useRun, useStageResult, useStepQuote } from '../run/store'
import { SIGNS, WORDS } from './ChangeList'
import type { Comparison } from './comparison'
import { argumentOf, type Entry, type Field } from './entries'
import { isProposal, sideName, tick, useCanTake, useCompare, usedVersionOf } from './store'
import { diffTexts, type Stretch } from './texts'
import { Value } from './Value'

interface Props {
  comparison: Comparison
  entry: Entry
}

const PILLS = { added: 'pill-ok', removed: 'pill-bad', changed: 'pill-wait', moved: '' } as const

/** The differences of one stage, input or frame: each field, before and after. */
export function FieldDiff({ comparison, entry }: Props) {
  const from = useCompare((state) => state.from)
  const to = useCompare((state) => state.to)
  const canTake = useCanTake()
  const Sign = SIGNS[entry.kind]
  const { kind, fields } = entry
  const other = sideName(to ?? from)
  const mine = to === null || from === null ? 'the draft' : sideName(from)
  const [keep, apply] = isProposal() ? ['Leave out', 'Include'] : [`Keep ${mine}`, `Apply ${other}`]
  return (
    <aside className="inspector compare-inspector" aria-label={`What changed in ${entry.title}`}>
      <header>
        <div className="grow">
          <h2 className="clip" dir="auto">
            {entry.title}
          </h2>
          <small>
            {fields.length > 0
              ? `${fields.length} field${fields.length === 1 ? '' : 's'} changed`
              : entry.detail}
          </small>
        </div>
        <span className={`pill ${PILLS[kind]}`}>
          <Sign className="i" aria-hidden />
          {WORDS[kind]}
        </span>
      </header>
      {entry.table === 'stages' && kind === 'changed' && !usedVersionOf(to) && (
        <Results entry={entry} />
      )}
      <Fields comparison={comparison} entry={entry} />
      {canTake && (
        <footer>
          <span className="grow" />
          <button type="button" className="btn btn-s" onClick={() => tick(entry.units, false)}>
            {keep}
            <kbd>N</kbd>
          </button>
          <button
            type="button"
            className="btn btn-s btn-ink"
            onClick={() => tick(entry.units, true)}
          >
            {apply}
            <kbd>Y</kbd>
          </button>
        </footer>
      )}
    </aside>
  )
}

/** Each field before and after. */
export function Fields({ comparison, entry }: Props) {
  const from = useCompare((state) => state.from)
  const to = useCompare((state) => state.to)
  const canTake = useCanTake()
  const tickedUnits = useCompare((state) => state.ticked)
  const { kind, fields } = entry
  const other = sideName(to ?? from)
  return (
    <div className="field-changes">
      {fields.map((field) => (
        <section key={field.unit}>
          <h3>
            <span className="grow">{field.title}</span>
            {canTake && (
              <input
                type="checkbox"
                className="check"
                aria-label={`Apply ${field.title} from ${other}`}
                checked={tickedUnits.has(field.unit)}
                onChange={(event) => tick([field.unit], event.target.checked)}
              />
            )}
          </h3>
          <OneField field={field} entry={entry} comparison={comparison} />
        </section>
      ))}
      {(kind === 'added' || kind === 'removed') && <Whole entry={entry} comparison={comparison} />}
      {kind === 'moved' && (
        <Note icon={Info}>Only its position changed. Results stay the same.</Note>
      )}
      {kind === 'changed' && <Unchanged entry={entry} comparison={comparison} />}
      {to === null && entry.table === 'stages' && <Consequence entry={entry} />}
    </div>
  )
}

/** The stage's last result, and whether it still holds for the draft. */
function Results({ entry }: { entry: Entry }) {
  const result = useStageResult(entry.key)
  const quote = useStepQuote(entry.key)
  const isProposed = isProposal()
  const picture = pictureOf(result?.media[0])
  if (!picture) return null
  return (
    <div className="before-after">
      <div>
        <div className="media">
          <img src={picture} alt={`${entry.title}, last result`} />
        </div>
        <small>Last result</small>
      </div>
      {(isProposed || quote?.will === 'run') && (
        <div>
          <div className="media is-dots">
            <Play className="i i-20" aria-hidden />
          </div>
          <small>{isProposed ? 'Proposal' : 'Draft'}, not run yet</small>
        </div>
      )}
    </div>
  )
}

/** The stages that the draft makes again because of it, and those it does not. */
function Consequence({ entry }: { entry: Entry }) {
  const steps = useRun((state) => state.quote?.steps)
  const wiring = useEditor((state) => state.wiring)
  if (!steps?.some((step) => step.key === entry.key && step.will === 'run')) return null
  const titlesOf = (will: 'run' | 'reuse') =>
    steps
      .filter((step) => step.will === will)
      .map((step) => wiring.nodes.get(step.key)?.title ?? step.key)
  const [again, reuses] = [titlesOf('run'), titlesOf('reuse')]
  if (reuses.length === 0) return null
  return (
    <Note icon={Info}>
      {again.length === 1 ? `${again[0]}` : listed(again, 4)} will run again.{' '}
      <strong>{reuses.length === 1 ? `${reuses[0]}` : listed(reuses, 5)} will be reused.</strong>
    </Note>
  )
}

/** Texts this long are shown whole, one above the other, with what changed marked. */
const LONG = 28

function OneField({ field, entry, comparison }: { field: Field } & Props) {
  const { old, new: now, measure } = field
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && !value.startsWith('$') && !value.startsWith('reelgraph:')
  const isLong = isText(old) && isText(now) && Math.max(old.length, now.length) > LONG
  if (isLong) {
    const diff = diffTexts(old, now)
    return (
      <>
        <p className="old-value" dir="auto">
          <span className="visually-hidden">Before: </span>
          <Marked parts={diff.old} as="del" />
        </p>
        <p className="new-value" dir="auto">
          <span className="visually-hidden">After: </span>
          <Marked parts={diff.new} as="ins" />
        </p>
      </>
    )
  }
  const stage = entry.table === 'stages' ? entry.key : null
  return (
    <div className="inline-change">
      <span className="old-value num">
        <span className="visually-hidden">Before: </span>
        <del dir="auto">
          <Value value={old} doc={comparison.from} stage={stage} measure={measure} />
        </del>
      </span>
      <ArrowRight className="i i-14" aria-hidden />
      <span className="new-value num">
        <span className="visually-hidden">After: </span>
        <ins dir="auto">
          <Value value={now} doc={comparison.to} stage={stage} measure={measure} />
        </ins>
      </span>
    </div>
  )
}

function Marked({ parts, as: As }: { parts: readonly Stretch[]; as: 'del' | 'ins' }) {
  // biome-ignore-start lint/suspicious/noArrayIndexKey: stretches have nothing but their place.
  return parts.map((part, at) =>
    part.isSame ? <span key={at}>{part.text}</span> : <As key={at}>{part.text}</As>,
  )
  // biome-ignore-end lint/suspicious/noArrayIndexKey: stretches have nothing but their place.
}

/** The fields of what came or went. */
function Whole({ entry, comparison }: Props) {
  const tools = useEditor((state) => state.tools)
  const doc = entry.kind === 'added' ? comparison.to : comparison.from
  const record = row(doc, entry.table, entry.key)
  if (!isObject(record)) return null
  const isStage = entry.table === 'stages'
  const entries = Object.entries(isStage ? stageOf(doc, entry.key).args : record).filter(
    ([name]) => isStage || !['id', 'name', 'x', 'y', 'width', 'height'].includes(name),
  )
  return entries.map(([name, value]) => {
    const { title, measure } = isStage
      ? argumentOf(doc, entry.key, name, tools)
      : { title: wordsOf(name) || name, measure: '' }
    return (
      <section key={name}>
        <h3 dir="auto">{title}</h3>
        <p className={entry.kind === 'added' ? 'new-value' : 'old-value'} dir="auto">
          <Value value={value} doc={doc} stage={isStage ? entry.key : null} measure={measure} />
        </p>
      </section>
    )
  })
}

/** "Model, Frames, Seed": what is as it was. */
function Unchanged({ entry, comparison }: Props) {
  const tools = useEditor((state) => state.tools)
  if (entry.table !== 'stages') return null
  const { args } = stageOf(comparison.to, entry.key)
  const changedTitles = new Set(entry.fields.map((field) => field.title))
  const titles = Object.keys(args).map(
    (argument) => argumentOf(comparison.to, entry.key, argument, tools).title,
  )
  const same = [...new Set(titles)].filter((title) => title && !changedTitles.has(title))
  if (same.length === 0) return null
  return (
    <section>
      <h3>Unchanged</h3>
      <p className="help">{listed(same, 8)}</p>
    </section>
  )
}
