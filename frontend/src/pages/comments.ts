/** Comments below a player: writing at a moment and a point, going there, and others' as they come. */

import { say } from '../frame/announcements'
import { around } from '../frame/events'
import { toast } from '../frame/toasts'
import { Board } from '../playerComments/board'
import { focusText } from '../playerComments/draftForm'
import { followComments } from '../playerComments/following'
import { mediumOf } from '../playerComments/players'
import { commentForm, commentList, idsIn } from '../playerComments/remarks'
import { isInside, pointOf } from '../playerComments/target'

const board = new Board()
/** While the list is swapped: the ids that were there before. */
let knownIds: Set<string> | null = null

document.addEventListener('click', (event) => {
  const link = around<HTMLAnchorElement>(event, '[data-go]')
  const moment = around(event, '[data-pin-moment]')
  const point = around(event, '[data-pin-point]')
  if (link) {
    event.preventDefault()
    history.replaceState(null, '', link.href)
    board.show(link.closest('.comment')?.id.slice('comment-'.length) ?? '')
  } else if (moment) board.pressMoment(isPressed(moment))
  else if (point) board.pressPoint(isPressed(point))
  else pinPicture(event)
})

function isPressed(button: HTMLElement): boolean {
  return button.getAttribute('aria-pressed') === 'true'
}

/** A picture has no controls of its own: a click into it is a point. */
function pinPicture(event: MouseEvent): void {
  const player = around(event, '.has-pins')
  const layer = player?.querySelector('.pins')
  const { target } = event
  if (!commentForm() || !player || !layer || !(target instanceof HTMLImageElement)) return
  if (target !== mediumOf(player) || !isInside(event, layer)) return
  board.pinPicture(player, pointOf(event, layer))
}

for (const name of ['timeupdate', 'seeking', 'play', 'loadedmetadata']) {
  // None of these bubbles.
  document.addEventListener(
    name,
    (event) => {
      const player = around(event, '.has-pins')
      if (!player) return
      if (name === 'loadedmetadata') board.drawForm()
      else board.use(player, name === 'play')
    },
    true,
  )
}

document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (detail.target.id === 'comments') knownIds = new Set(idsIn(document))
})
document.addEventListener('htmx:afterSwap', () => {
  const list = commentList()
  if (list && knownIds) tellSwap(list, knownIds)
})

function tellSwap(list: HTMLElement, before: ReadonlySet<string>): void {
  if (list.querySelector('#comment-problem')) focusText()
  else {
    const newId = idsIn(list).find((id) => !before.has(id))
    board.unpin()
    if (newId) document.getElementById(newId)?.scrollIntoView({ block: 'nearest' })
    say(newId ? 'Comment added' : 'Comments updated')
  }
  knownIds = null
  board.draw()
}

followComments(
  () => knownIds !== null,
  () => board.draw(),
)
board.draw()
// A result that comes while the run goes on has its own comments.
const run = document.getElementById('run')
if (run) {
  const attributeFilter = ['data-shown', 'data-over']
  new MutationObserver(() => board.draw()).observe(run, { attributeFilter })
}

const targetId = new URLSearchParams(location.search).get('comment')
if (targetId && commentList()) {
  if (!board.show(targetId)) toast("This comment was deleted, or you can't see it.", 'error')
  else if (document.readyState !== 'complete') {
    // Once the page is there the browser goes to the comment in the list: back to its player.
    addEventListener('load', () => setTimeout(() => board.show(targetId)), { once: true })
  }
}
