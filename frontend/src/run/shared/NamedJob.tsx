import { CircleAlert, Link } from 'lucide-react'
import { useRef, useState } from 'react'
import type { NameableJob } from '../../api/schema'

const LONGEST = 200

/**
 * The way out for those who saw the job at the provider: a field for its ID, within a form.
 * It is before the form's other buttons: Enter presses the first, and must send nothing again.
 * name: of the question, for ids.
 */
export function NamedJob({ job, name }: { job: NameableJob; name: string }) {
  const field = useRef<HTMLInputElement>(null)
  const [isBlank, setBlank] = useState(job.jobId.trim() === '')
  const look = () => setBlank(field.current?.value.trim() === '')
  const problem = job.problem ? `job-problem-${name}` : undefined
  return (
    <details className="named-job" open={job.problem !== ''}>
      <summary className="btn">
        <Link className="i" aria-hidden />
        It's this job…
      </summary>
      <div className="named-job-form">
        <div className="field">
          <label htmlFor={`job-${name}`}>Job ID at {job.provider}</label>
          <input
            ref={field}
            className="input mono"
            id={`job-${name}`}
            name="jobId"
            maxLength={LONGEST}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            defaultValue={job.jobId}
            aria-invalid={problem ? true : undefined}
            aria-describedby={problem}
            onInput={look}
          />
          {problem && (
            <p className="help help-bad" id={problem}>
              <CircleAlert className="i" aria-hidden />
              {job.problem}
            </p>
          )}
          <p className="help">We check the job first. Nothing is sent again.</p>
        </div>
        <button
          className="btn"
          type="submit"
          name="do"
          value="attach"
          aria-disabled={isBlank || undefined}
          title={isBlank ? "Type the job's ID first" : undefined}
        >
          Use this job
        </button>
      </div>
    </details>
  )
}
