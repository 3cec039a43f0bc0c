/** Comments as the list on the page has them, and where each is pinned. */

/** x, y: shares of the picture. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface Remark {
  readonly id: string
  /** The file it is pinned to, as `keyOf` names it. */
  readonly key: string
  readonly number: string
  readonly author: string
  readonly text: string
  readonly isResolved: boolean
  readonly atMs: number | null
  readonly point: Point | null
}

const PREFIX = 'comment-'

export function commentList(): HTMLElement | null {
  return document.getElementById('comments')
}

export function commentForm(): HTMLFormElement | null {
  return commentList()?.querySelector<HTMLFormElement>('[data-comment-form]') ?? null
}

/** A comment or an answer. */
export function elementOf(id: string): HTMLElement | null {
  return document.getElementById(PREFIX + id)
}

export function listedRemarks(): Remark[] {
  return [...document.querySelectorAll<HTMLElement>('#comments .comment')].map(remarkOf)
}

/** element: of a comment, not of an answer. */
export function remarkOf(element: HTMLElement): Remark {
  const { number = '', author = '', position, artifact } = element.dataset
  return {
    id: element.id.slice(PREFIX.length),
    key: position ?? artifact ?? '',
    number,
    author,
    text: element.querySelector('.comment-text')?.textContent ?? '',
    isResolved: element.classList.contains('is-resolved'),
    atMs: momentIn(element),
    point: pointIn(element),
  }
}

function momentIn({ dataset: { atMs } }: HTMLElement): number | null {
  return atMs === undefined ? null : Number(atMs)
}

function pointIn({ dataset: { x, y } }: HTMLElement): Point | null {
  return x === undefined ? null : { x: Number(x), y: Number(y) }
}

/** List the ids of all comments and answers inside. */
export function idsIn(within: ParentNode): string[] {
  return [...within.querySelectorAll(`li[id^=${PREFIX}]`)].map(({ id }) => id)
}
