import type { Medium } from '../api/schema'
import { ModelView } from './shared/ModelView'

/** A 3D model to turn. The graphics library comes when one is opened, never before. */
export function ModelPlayer({ medium, name }: { medium: Medium; name: string }) {
  return (
    <div className="player">
      <ModelView medium={medium} name={name} />
    </div>
  )
}
