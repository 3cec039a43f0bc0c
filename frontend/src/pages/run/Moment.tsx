import { lasting, moment } from '../../run/shared/time'

/** When something is or was, by the viewer's own clock. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} data-clock="" title={new Date(at).toLocaleString()}>
      {moment(at)}
    </time>
  )
}

/** How long ago something was; what is older than an hour, when. */
export function Age({ at, now }: { at: string; now: number }) {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1_000)
  const time = new Date(at)
  const ago = seconds < 2 ? 'now' : lasting(seconds)
  return (
    <time dateTime={at} data-age="" title={time.toLocaleString()}>
      {seconds < 3_600 ? ago : time.toLocaleTimeString([], { timeStyle: 'short' })}
    </time>
  )
}

/** Times that the server wrote outside of components. */
export function localiseMoments(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>('#run > header time[data-clock]')) {
    time.textContent = moment(time.dateTime)
    time.title = new Date(time.dateTime).toLocaleString()
  }
}
