import { Download, Globe, Link, Share2, Square } from 'lucide-react'
import { type MouseEvent, useEffect, useRef } from 'react'
import { between, lasting } from '../../run/shared/time'
import { useNow } from '../../run/shared/useNow'
import { Action } from './Action'
import { MenuButton } from './MenuButton'
import { RunPill } from './Pill'
import { doneCount, isOver, usePage } from './store'

export function Status() {
  return <RunPill status={usePage((state) => state.run.status)} />
}

/** The time that it worked, works or waits. */
export function Clock() {
  const over = usePage(isOver)
  const run = usePage((state) => state.run)
  const count = usePage(doneCount)
  const now = useNow(!over)
  const { page, isMine } = run
  if (over) {
    const who = isMine ? 'you' : page.starter
    return (
      <>{page.waited ? `${page.took} of work, ${page.waited} waiting for ${who}` : page.took}</>
    )
  }
  if (run.status === 'waiting_for_user' && page.restingSince)
    return <>{`waiting for ${lasting(between(page.restingSince, null, now))}`}</>
  if (run.status === 'running') {
    const since = Math.max(0, between(run.createdAt, null, now) - page.rested)
    return <>{`${count} of ${page.order.length} stages, ${lasting(since)}`}</>
  }
  return <>{page.left ? `about ${page.left}` : ''}</>
}

/** Stopping a run; once it is over, sharing and keeping what it made. */
export function RunActions() {
  const over = usePage(isOver)
  const mayStop = usePage((state) => state.run.mayStop)
  const actions = usePage((state) => state.run.page.actions)
  if (!over)
    return mayStop ? (
      <Action to="cancel" icon={Square} look="btn-bad" iconLook="i-12 i-fill">
        Stop
      </Action>
    ) : null
  const Shared = actions.isPublic ? Globe : Link
  return (
    <>
      {actions.share ? (
        <a className="btn" href={actions.share}>
          <Shared className="i" aria-hidden />
          Shared
        </a>
      ) : (
        actions.shareForm && <Share address={actions.shareForm} />
      )}
      <Downloads />
    </>
  )
}

/** The result, all results, and copies without prompts. The page's main action, if no other is. */
function Downloads() {
  const id = usePage((state) => state.run.id)
  const { error, final, actions, ...page } = usePage((state) => state.run.page)
  if (page.made === 0) return null
  const zip = `/runs/${id}/download`
  return (
    <MenuButton
      id="downloads"
      icon={Download}
      title="Download"
      look={error || final ? '' : 'btn-ink'}
    >
      {actions.download && (
        <a href={actions.download} download={actions.filename} onClick={closeMenu}>
          Result
        </a>
      )}
      <a href={zip} onClick={closeMenu}>
        All results (ZIP)
      </a>
      <a href={`${zip}?clean=1`} onClick={closeMenu}>
        Without prompts and seeds (ZIP)
      </a>
    </MenuButton>
  )
}

/** Close the menu of a link: the page stays while a file comes. */
function closeMenu(event: MouseEvent<HTMLElement>): void {
  event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()
}

/** Its form opens in a dialog. */
function Share({ address }: { address: string }) {
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    // What came with the page is known to htmx already, which does nothing twice.
    if (link.current) window.htmx?.process(link.current)
  }, [])
  const partial = {
    'hx-get': address,
    'hx-target': '#dialog [data-dialog-body]',
    'hx-swap': 'innerHTML',
  }
  return (
    <a className="btn" href={address} ref={link} {...partial}>
      <Share2 className="i" aria-hidden />
      Share
    </a>
  )
}
