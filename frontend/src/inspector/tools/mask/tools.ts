/** The brushes. */

export type Shape = 'brush' | 'eraser' | 'lasso' | 'rectangle'

export interface Brush {
  readonly shape: Shape
  /** Across, in thousandths of the picture's longer side. */
  readonly size: number
  /** Lasso and rectangle take away instead. */
  readonly erases: boolean
  /** The color of the selection over the picture, and its opacity, 0 to 1. */
  readonly colour: string
  readonly opacity: number
}

export const COLOURS: readonly { readonly name: string; readonly value: string }[] = [
  { name: 'Pink', value: '#ff3d9a' },
  { name: 'Blue', value: '#2f8fff' },
  { name: 'Green', value: '#22c55e' },
  { name: 'White', value: '#ffffff' },
]

export const SMALLEST = 4
export const LARGEST = 400

export const FIRST_BRUSH: Brush = {
  shape: 'brush',
  size: 60,
  erases: false,
  colour: COLOURS[0]?.value ?? '#ff3d9a',
  opacity: 0.55,
}

/** The next larger or smaller brush. */
export function nextSize(size: number, larger: boolean): number {
  const next = larger ? Math.max(size * 1.25, size + 1) : Math.min(size / 1.25, size - 1)
  return Math.min(Math.max(Math.round(next), SMALLEST), LARGEST)
}
