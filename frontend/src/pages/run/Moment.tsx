import { between, clock, moment } from '../../run/shared/time'

/** A moment by the viewer's own clock. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {moment(at)}
    </time>
  )
}

/** A moment in a run, counted from its start. title: by the viewer's clock. */
export function SinceStart({ at, start }: { at: string; start: string }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {`+${clock(between(start, at, 0))}`}
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
