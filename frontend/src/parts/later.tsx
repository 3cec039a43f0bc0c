import { type ComponentType, type ReactNode, useEffect, useSyncExternalStore } from 'react'
import { ErrorBoundary } from './ErrorBoundary'
import { ErrorNote } from './ErrorNote'
import { Deferred } from './fetching'

interface Options<P> {
  /** Shown until it has come. */
  waiting?: ReactNode
  /** Wraps the sentence that it could not come, such as in a dialog. */
  frame?: (sorry: ReactNode, props: P) => ReactNode
}

export type LaterPart<P> = ComponentType<P> & {
  /** Ask for it now, because it is wanted soon. */
  fetch: () => void
}

/**
 * A part of the editor that the first load goes without. It comes when the page is idle or when it
 * is shown, whichever is first; where it cannot come or breaks, one sentence is in its place.
 */
export function later<M, P extends object>(
  load: () => Promise<M>,
  pick: (module: M) => ComponentType<P>,
  { waiting = null, frame = (sorry) => sorry }: Options<P> = {},
): LaterPart<P> {
  const late = new Deferred(load)
  function Part(props: P) {
    const { module, failures, isComing } = useSyncExternalStore(late.subscribe, () => late.now)
    useEffect(() => {
      void late.arrives()
    }, [])
    if (module) {
      const Shown = pick(module)
      return (
        <ErrorBoundary
          instead={(again) =>
            frame(
              <ErrorNote words="This panel crashed. Your changes are kept." onAgain={again} />,
              props,
            )
          }
        >
          <Shown {...props} />
        </ErrorBoundary>
      )
    }
    if (failures === 0) return waiting
    const words = navigator.onLine
      ? "Couldn't load this panel."
      : "This panel isn't available offline."
    return frame(
      <ErrorNote
        words={words}
        isBusy={isComing}
        isStubborn={failures > 2 && navigator.onLine}
        onAgain={() => void late.arrives()}
      />,
      props,
    )
  }
  return Object.assign(Part, { fetch: () => void late.arrives() })
}
