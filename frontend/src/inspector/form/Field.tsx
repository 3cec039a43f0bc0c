import { RotateCcw, TriangleAlert } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import type { Fix, Issue } from '../../api/schema'
import { act } from '../../editor/actions'
import { runCommand } from '../../editor/commands'
import { goTo } from '../../editor/inspected'
import type { ShownIssue } from '../../editor/store'

/** The attributes that name and describe a control. */
export interface FieldIds {
  readonly id: string
  readonly labelId: string
  readonly describedBy: string | undefined
  readonly isInvalid: boolean
  /** The field says already what is wrong; its control need not. */
  readonly isSaid?: boolean
}

interface Props {
  label: string
  help?: string | undefined
  /** The key by which the list of problems finds the field. */
  name?: string
  isRequired?: boolean
  /** Said by the form itself, beside what the server says. */
  problem?: string | null
  hint?: string
  /** A fact about the field in its present state. */
  note?: string | undefined
  issues?: readonly ShownIssue[]
  onReset?: (() => void) | undefined
  /** The control is a group of several: it takes its name by `labelId`. */
  isGroup?: boolean
  aside?: ReactNode
  children: (ids: FieldIds) => ReactNode
}

/** A label, a control, and what is to be said about it. */
export function Field(props: Props) {
  const { label, name, problem, hint, note, issues = [], isGroup = false } = props
  // A short description of a template's input is its label.
  const help = props.help === label ? '' : props.help
  const id = useId()
  const labelId = `${id}l`
  const messages = [...issues.map((issue) => issue.message)]
  if (problem && !messages.some((message) => message.includes(problem))) messages.push(problem)
  const isCalm = issues.length > 0 && issues.every((issue) => issue.isCalm)
  const isInvalid = messages.length > 0 && issues.every((issue) => issue.severity === 'error')
  const descriptionIds = [
    help ? `${id}h` : '',
    messages.length > 0 ? `${id}p` : '',
    hint ? `${id}t` : '',
    note ? `${id}n` : '',
  ].filter(Boolean)
  const ids = {
    id,
    labelId,
    describedBy: descriptionIds.join(' ') || undefined,
    isInvalid,
    isSaid: messages.length > 0,
  }
  return (
    <div className="field" data-field={name}>
      <div className="field-head">
        {isGroup ? (
          <span className="label" id={labelId} title={help} dir="auto">
            {label}
          </span>
        ) : (
          <label className="label" id={labelId} htmlFor={id} title={help} dir="auto">
            {label}
          </label>
        )}
        <span className="field-aside">
          {props.isRequired && <span className="faint">required</span>}
          {props.aside}
          {props.onReset && (
            <button
              type="button"
              className="mini-btn"
              aria-label={`Reset ${label}`}
              title="Reset to default"
              onClick={props.onReset}
            >
              <RotateCcw className="i i-12" aria-hidden />
            </button>
          )}
        </span>
      </div>
      {props.children(ids)}
      {note && (
        <p className="help" id={`${id}n`} dir="auto">
          {note}
        </p>
      )}
      {help && (
        <p className="help help-of" id={`${id}h`} dir="auto">
          {help}
        </p>
      )}
      {messages.length > 0 && (
        <div id={`${id}p`}>
          {messages.map((message) => (
            <p
              key={message}
              className={
                isCalm
                  ? 'help'
                  : `help help-bad${isInvalid || issues.length === 0 ? '' : ' is-warning'}`
              }
            >
              {!isCalm && <TriangleAlert className="i i-12" aria-hidden />}
              <span>{message}</span>
            </p>
          ))}
        </div>
      )}
      <FixButtons issues={issues} />
      {hint && (
        <p className="help" id={`${id}t`} role="status">
          {hint}
        </p>
      )}
    </div>
  )
}

/** A button for each fix of the issues. */
export function FixButtons({ issues }: { issues: readonly Issue[] }) {
  const fixes = issues.flatMap((issue) => issue.fixes.map((fix) => ({ fix, issue })))
  if (fixes.length === 0) return null
  return (
    <div className="fixes">
      {fixes.map(({ fix, issue }) => (
        <button
          type="button"
          key={`${fix.label} ${issue.path} ${issue.argument ?? ''}`}
          className="btn btn-s"
          onClick={() => apply(fix, issue)}
        >
          {fix.label}
        </button>
      ))}
    </div>
  )
}

function apply(fix: Fix, issue: Issue): void {
  if (fix.ops.length > 0) act({ label: fix.label, ops: fix.ops })
  else if (fix.opens === 'stages') runCommand('stages.add')
  else goTo(fix.opens === 'tool' ? { ...issue, argument: 'tool' } : issue)
}
