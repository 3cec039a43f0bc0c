import { signedFetch } from '../api/csrf'

/** Tell the server what was read: some, or all up to one. How many are unread now, or null. */
export async function markRead(what: { ids: readonly number[] } | { upTo: string }) {
  const body = new FormData()
  if ('upTo' in what) body.append('upTo', what.upTo)
  else for (const id of what.ids) body.append('id', String(id))
  try {
    const answer = await signedFetch('/me/notices/read', {
      method: 'POST',
      // Also while the page is being left.
      keepalive: true,
      redirect: 'error',
      headers: { Accept: 'application/json' },
      body,
    })
    if (!answer.ok) return null
    const { data } = (await answer.json()) as { data: { unread: number } }
    return data.unread
  } catch {
    // It stays unread, and may be opened again.
    return null
  }
}
