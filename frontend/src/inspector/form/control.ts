import type { ComponentType } from 'react'
import type { JsonObject } from '../../api/schema'
import type { FieldIds } from './Field'
import type { Slot } from './slot'

export interface ControlProps {
  /** Without "or null": see `unwrap`. */
  schema: JsonObject
  slot: Slot
  ids: FieldIds
  label: string
  unit?: string
  /** The value that holds while nothing is written. */
  placeholder?: string
}

/** A control of several values. Part: the control of each. */
export interface PartedProps extends ControlProps {
  Part: ComponentType<ControlProps>
}
