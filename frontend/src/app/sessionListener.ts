import { openComments } from '../canvas/linkedComment'
import { loadComments } from '../comments/store'
import type { SessionListener } from '../editor/session'
import { Deferred } from '../parts/fetching'
import { endRuns, lookForRuns, showBegun } from '../run/lines'

const opening = new Deferred(() => import('../editor/openStage'))

/** Comments and runs go along with the document. */
export const sessionListener: SessionListener = {
  opened() {
    void openComments()
    // Where it cannot be fetched, the document is shown from its start.
    void opening.arrives().then(() => opening.now.module?.followAddress())
  },
  connected() {
    lookForRuns()
    void loadComments()
  },
  commentsChanged: () => void loadComments(),
  runStarted: (runId) => void showBegun(runId),
  left: endRuns,
}
