/** A place that a control reads and writes. Controls know nothing of documents. */

import type { Json, JsonObject } from '../../api/schema'
import { isObject } from '../../document/ops'

export interface Writing {
  /** One of a burst, as letters and slider steps are: the burst is one undo step. */
  burst?: boolean
  /** The way to a field inside the value. */
  inside?: readonly string[]
}

export interface Slot {
  readonly value: Json | undefined
  /** undefined takes the value away. */
  readonly write: (value: Json | undefined, writing?: Writing) => void
}

/** A field of an object. */
export function fieldSlot(slot: Slot, name: string): Slot {
  const object = isObject(slot.value) ? slot.value : undefined
  return {
    value: object && Object.hasOwn(object, name) ? object[name] : undefined,
    write: (value, { burst = false, inside = [] } = {}) => {
      const isLast = object && Object.keys(object).every((known) => known === name)
      // An object that says nothing is not there.
      if (value === undefined && inside.length === 0 && isLast) slot.write(undefined, { burst })
      else slot.write(value, { burst, inside: [name, ...inside] })
    },
  }
}

/** A place in a list, which is written as a whole. Emptying it leaves `otherwise` there. */
export function itemSlot(slot: Slot, at: number, otherwise: Json | undefined): Slot {
  const list = Array.isArray(slot.value) ? slot.value : []
  return {
    value: list[at],
    write: (value, { burst = false, inside = [] } = {}) => {
      const next = inside.length > 0 ? withField(list[at], inside, value) : (value ?? otherwise)
      if (next === undefined) return
      slot.write(
        list.map((part, place) => (place === at ? next : part)),
        { burst },
      )
    },
  }
}

/** A copy of a value with one field inside changed. */
export function withField(
  value: Json | undefined,
  inside: readonly string[],
  field: Json | undefined,
): Json | undefined {
  const [name, ...rest] = inside
  if (name === undefined) return field
  const object: JsonObject = isObject(value) ? { ...value } : {}
  const next = withField(object[name], rest, field)
  if (next === undefined) delete object[name]
  else object[name] = next
  return object
}
