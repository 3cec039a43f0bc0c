import { register } from '../editor/commands'
import { type EditorState, editor, whyViewOnly } from '../editor/store'
import { runAddress, showAsPreview } from './actions'
import { answerNext } from './asking'
import { editAfterRun, look, openRuns } from './lines'
import { keepQuote, setDraftQuality } from './quote'
import { canTryAgain, tryAgain } from './retry'
import { rerollStage, start, stop, whyNotNow, whyNotTo, wordsTo } from './start'
import { isUnfinished, runs, useRun } from './store'

/** The stage that `.` and `R` mean: the node with the focus, else the one selected stage. */
export function stageInHand(state: EditorState): string | null {
  const stages = state.doc.stages.rows
  const isStage = (id: string | null | undefined): id is string =>
    typeof id === 'string' && Object.hasOwn(stages, id)
  const active = document.activeElement?.closest('[data-node-id]')?.getAttribute('data-node-id')
  if (isStage(active)) return active
  const [first, ...others] = [...state.selection].filter(isStage)
  if (first && others.length === 0) return first
  return isStage(state.focused) ? state.focused : null
}

const CHOOSE = 'Select a stage first.'
const NO_RUN = 'No runs yet.'

function onStage(state: EditorState): string | null {
  const stage = stageInHand(state)
  return stage ? whyNotTo(stage) : CHOOSE
}

/** Return the id of one's own result in hand to use as preview: the first video, else image. */
function previewInHand(state: EditorState): string | null {
  const { results } = runs()
  const stage = stageInHand(state)
  const keys = stage ? [stage] : state.doc.stages.order.toReversed()
  const media = keys.flatMap((key) => (results[key]?.isMine && results[key]?.media) || [])
  const preview =
    media.find((one) => one.kind === 'video') ?? media.find((one) => one.kind === 'image')
  return preview?.id ?? null
}

register(
  {
    id: 'run',
    label: 'Run',
    group: 'Run',
    keys: ['Ctrl+Enter'],
    inFields: true,
    not: whyNotNow,
    run: async () => {
      await start()
    },
  },
  {
    id: 'draft-quality',
    label: 'Toggle draft quality',
    group: 'Run',
    not: (state) => {
      if (!state.template.canEdit) return 'Remix it to run your own.'
      const { quote, quality } = runs()
      return quote?.offersDraft || quality.quality ? null : 'All stages are drafts already.'
    },
    run: () => setDraftQuality(!runs().quality.quality),
  },
  {
    id: 'run-to',
    get label() {
      return wordsTo('Run to here')
    },
    group: 'Run',
    keys: ['.'],
    not: onStage,
    run: async () => {
      const stage = stageInHand(editor())
      if (stage) await start({ to: stage })
    },
  },
  {
    id: 'reroll',
    label: 'New seed, run to here',
    group: 'Run',
    keys: ['R'],
    not: (state) => onStage(state) ?? whyViewOnly(state),
    run: async () => {
      const stage = stageInHand(editor())
      if (stage) await rerollStage(stage)
    },
  },
  {
    id: 'retry',
    label: 'Retry failed stages',
    group: 'Run',
    not: () => {
      const hasFailures = Object.values(runs().steps).some((step) => step.status === 'failed')
      return hasFailures ? whyNotNow() : 'Nothing failed.'
    },
    // What is done is reused, so a run of everything makes what failed and what waits for it.
    run: async () => {
      await start()
    },
  },
  {
    id: 'stop',
    label: 'Stop run',
    group: 'Run',
    // Where the full stop gives another sign with Shift, that sign is what the key says.
    keys: ['Shift+.', '>'],
    not: () => {
      const { run } = runs()
      if (!run || !isUnfinished(run)) return 'No run in progress.'
      return run.mayStop ? null : `Only ${run.by.name} and the owner can stop this run.`
    },
    run: stop,
  },
  {
    id: 'answer',
    label: 'Answer question',
    group: 'Run',
    keys: ['Q'],
    not: () => (runs().run?.waits?.length ? null : 'No questions right now.'),
    run: answerNext,
  },
  {
    id: 'try-again',
    label: 'Retry failed stages in this run',
    group: 'Run',
    not: () => (canTryAgain(runs().run) ? null : 'Nothing failed in this run.'),
    run: tryAgain,
  },
  {
    id: 'open-run',
    label: 'Open run page',
    group: 'Run',
    not: () => (runs().run ? null : NO_RUN),
    run: () => {
      const { run } = runs()
      if (run) window.open(runAddress(run.id), '_blank', 'noopener')
    },
  },
  {
    id: 'run-history',
    label: 'Earlier runs',
    group: 'Run',
    not: (state) => (state.template.role ? null : 'Only people who work on it see its runs.'),
    run: () => useRun.setState((state) => ({ isHistoryOpen: !state.isHistoryOpen })),
  },
  {
    id: 'newest-run',
    label: 'Back to latest run',
    group: 'Run',
    not: () => (runs().isEarlier ? null : 'The canvas shows the latest run.'),
    run: async () => {
      const newest = runs().history.rows[0]
      if (newest) await look(newest.id)
    },
  },
  {
    id: 'use-as-preview',
    label: 'Use as preview',
    group: 'Run',
    not: (state) => {
      if (!state.canEdit) return 'Only editors can choose the preview.'
      return previewInHand(state) ? null : 'No image or video from a run of yours yet.'
    },
    run: async () => {
      const artifact = previewInHand(editor())
      if (artifact) await showAsPreview(artifact)
    },
  },
  {
    id: 'timeline',
    label: 'Toggle timeline',
    group: 'View',
    keys: ['T'],
    run: () => useRun.setState((state) => ({ isTimelineOpen: !state.isTimelineOpen })),
  },
)

keepQuote()
editAfterRun()
// At once, beside the document: what goes on is to be seen as soon as the stages are.
void openRuns()
