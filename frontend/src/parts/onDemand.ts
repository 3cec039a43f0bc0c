import { toast } from '../editor/actions'
import type { Deferred } from './fetching'

/**
 * Return a function that acts with code that the first load goes without. late: the code, which
 * comes when the page is idle or when it is asked for; what: the first word of the sentence that
 * says that it could not come.
 */
export function onDemand<M>(late: Deferred<M>, what: string) {
  return async (act: (code: M) => unknown): Promise<void> => {
    if (await late.arrives()) await act(await late.get())
    else toast(`${what} needs a connection. Try again when you're online.`)
  }
}
