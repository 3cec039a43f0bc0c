import { setTab } from '../../editor/inspected'
import { useStageResult, useStep } from '../../run/store'
import { Thumb } from '../../run/Thumb'

/** The stage's last result, above its settings; choosing it shows more. */
export function StageLook({ node }: { node: string }) {
  const step = useStep(node)
  const last = useStageResult(node)
  const media = step && step.artifacts.length > 0 ? step.artifacts : (last?.media ?? [])
  const looks = media.filter((medium) => medium.kind === 'image' || medium.kind === 'video')
  const first = looks[0]
  if (!first) return null
  return (
    <div className="look">
      <button
        type="button"
        className="media look-main"
        aria-label="Show the result"
        onClick={() => setTab('result')}
      >
        <Thumb medium={first} />
        {media.length > 1 && (
          <span className="bottom-right">
            <span className="glass">{media.length} results</span>
          </span>
        )}
      </button>
    </div>
  )
}
