interface Props {
  id: string
  isOn: boolean
  describedBy?: string | undefined
  isInvalid?: boolean
  onChange: (isOn: boolean) => void
}

/** On or off. Its label names it. */
export function Switch({ id, isOn, describedBy, isInvalid, onChange }: Props) {
  return (
    <span className="switch-row">
      <input
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: a native checkbox says it by `checked`
        role="switch"
        className="switch"
        id={id}
        checked={isOn}
        aria-describedby={describedBy}
        aria-invalid={isInvalid || undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="faint" aria-hidden="true">
        {isOn ? 'On' : 'Off'}
      </span>
    </span>
  )
}
