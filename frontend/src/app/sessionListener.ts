import { openComments } from '../canvas/linkedComment'
import { loadComments } from '../comments/store'
import type { SessionListener } from '../editor/session'
import { endRuns, lookForRuns, showBegun } from '../run/lines'

/** Comments and runs go along with the document. */
export const sessionListener: SessionListener = {
  opened: () => void openComments(),
  connected() {
    lookForRuns()
    void loadComments()
  },
  commentsChanged: () => void loadComments(),
  runStarted: (runId) => void showBegun(runId),
  left: endRuns,
}
