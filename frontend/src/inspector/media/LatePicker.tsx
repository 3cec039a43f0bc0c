import { type ComponentProps, lazy, Suspense } from 'react'

const Picker = lazy(async () => ({ default: (await import('./MediaPicker')).MediaPicker }))

/** The dialog that brings a medium, fetched when it opens for the first time. */
export function MediaPicker(props: ComponentProps<typeof Picker>) {
  return (
    <Suspense fallback={null}>
      <Picker {...props} />
    </Suspense>
  )
}
