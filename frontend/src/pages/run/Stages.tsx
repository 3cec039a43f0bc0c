import { Rows } from './Rows'
import { Timeline } from './Timeline'

/** Every stage, and when it worked. */
export function Stages() {
  return (
    <>
      <h2 className="visually-hidden" id="stages">
        Stages
      </h2>
      <ol className="rows" data-rows="" aria-labelledby="stages">
        <Rows />
      </ol>
      <section className="run-times" aria-labelledby="times">
        <h2 id="times">Timeline</h2>
        <ol className="timeline">
          <Timeline />
        </ol>
      </section>
    </>
  )
}
