import type { ControlProps } from './control'
import { Switch } from './Switch'

/** A switch. It shows what holds: the value, else the tool's own. */
export function BooleanControl({ schema, slot, ids }: ControlProps) {
  const isOn = typeof slot.value === 'boolean' ? slot.value : schema.default === true
  return (
    <Switch
      id={ids.id}
      isOn={isOn}
      describedBy={ids.describedBy}
      isInvalid={ids.isInvalid}
      onChange={(next) => slot.write(next)}
    />
  )
}
