/** What nodes on the canvas ask of other rooms, by the names of their commands. */

import { select } from '../editor/actions'
import { commandOf, runCommand } from '../editor/commands'

/** Run a failed stage again, and what hangs on it. */
export function retry(id: string): void {
  select([id])
  first('retry')
}

/** Answer the question a run waits with. */
export function choose(id: string): void {
  select([id])
  first('choose', 'inspector.open')
}

export function inspect(id: string): void {
  select([id])
  first('inspector.open')
}

function first(...ids: string[]): void {
  const known = ids.find((id) => commandOf(id))
  if (known) runCommand(known)
}
