/** The media of a case are covered until a moderator asks for them, which is logged. */

import { say } from '../frame/announcements'

/** Show the media in place, so that nothing typed so far is lost. */
export function showMediaInPlace(form: HTMLFormElement): void {
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const fresh = await ask(form)
    // Another case is there by now: these media aren't its.
    if (!form.isConnected) return
    if (fresh) {
      document.getElementById('subject')?.replaceWith(fresh)
      fresh.focus()
      say('Media shown. The view was logged.')
    } else {
      // As without scripts: the browser says that it is offline, or the server what is wrong.
      form.removeEventListener('submit', send)
      form.requestSubmit()
    }
  }
  form.addEventListener('submit', send)
}

async function ask(form: HTMLFormElement): Promise<HTMLElement | null> {
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) })
    if (!answer.ok) return null
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    return page.getElementById('subject')
  } catch {
    return null
  }
}
