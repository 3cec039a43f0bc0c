// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { mergeList } from './merging'

interface Thread {
  id: number
  text: string
  answers?: readonly number[]
}

const ANSWERING = '<details open><summary>Reply</summary><textarea></textarea></details>'

function threadHtml({ id, text, answers = [] }: Thread): string {
  const given = answers.map((one) => `<li id="comment-${one}">Answer ${one}</li>`).join('')
  return `<li class="comment" id="comment-${id}"><div class="comment-body">${text}</div>
    ${given && `<ol class="answers">${given}</ol>`}<div class="do"></div></li>`
}

function listHtml(etag: string, ...threads: readonly Thread[]): string {
  return `<section id="comments" data-etag="${etag}"><h2>Comments ${threads.length}</h2>
    <ol data-threads>${threads.map(threadHtml).join('')}</ol></section>`
}

/** Merge such a list into the page. */
function merge(...threads: readonly Thread[]): number {
  const page = new DOMParser().parseFromString(listHtml('new', ...threads), 'text/html')
  return mergeList(page.getElementById('comments') as HTMLElement)
}

function words(): string[] {
  return [...document.querySelectorAll('.comment-body')].map((one) => one.textContent ?? '')
}

beforeEach(() => {
  document.body.innerHTML = listHtml('old', { id: 1, text: 'One' }, { id: 2, text: 'Two' })
})

test('the list is as the server has it, in its order, and tells how many are new', () => {
  const threads = [
    { id: 3, text: 'Three', answers: [4] },
    { id: 1, text: 'One, edited' },
  ]
  expect(merge(...threads)).toBe(2)
  expect(words()).toEqual(['Three', 'One, edited'])
  expect(document.querySelector('h2')?.textContent).toBe('Comments 2')
  expect(document.getElementById('comments')?.dataset.etag).toBe('new')
})

test('a comment that is shown stays so', () => {
  document.getElementById('comment-2')?.classList.add('is-shown')
  merge({ id: 1, text: 'One' }, { id: 2, text: 'Two' })
  expect(document.querySelector('.is-shown')?.id).toBe('comment-2')
})

test('half-written words stay while others answer around them', () => {
  const thread = document.getElementById('comment-1')
  thread?.querySelector('.do')?.insertAdjacentHTML('beforeend', ANSWERING)
  const field = document.querySelector('textarea')
  if (field) field.value = 'I think'
  expect(merge({ id: 1, text: 'One, edited', answers: [5] }, { id: 2, text: 'Two' })).toBe(1)
  expect(document.querySelector('textarea')?.value).toBe('I think')
  expect(words()).toEqual(['One, edited', 'Two'])
  expect(document.querySelector('#comment-1 .answers')?.textContent).toBe('Answer 5')
})
