/** One step of the run, with what the last answer said of it. */

import { useRef } from 'react'
import type { StageView } from '../../api/schema'
import type { StepState } from '../../run/shared/stepState'
import { type PageStore, usePage } from './store'
import { noteOf } from './words'

export function useStep(key: string): StepState | undefined {
  return usePage((state) => state.steps[key])
}

export function useView(key: string): StageView | undefined {
  return usePage((state) => state.run.page.stages[key])
}

export function useNote(key: string): string {
  return usePage(({ steps, run, read }) => {
    const step = steps[key]
    return step ? noteOf(step, run.page.stages[key], read.steps[key]) : ''
  })
}

export function useItems(batch: string): readonly StepState[] {
  return useList(({ run, steps }) => (run.items?.[batch] ?? []).flatMap((key) => steps[key] ?? []))
}

/** A list that stays the same one as long as what is in it does. */
export function useList<T>(select: (state: PageStore) => readonly T[]): readonly T[] {
  const last = useRef<readonly T[]>([])
  return usePage((state) => {
    const list = select(state)
    const isSame =
      list.length === last.current.length && list.every((one, at) => one === last.current[at])
    if (!isSame) last.current = list
    return last.current
  })
}
