/** Simple shapes that a picture is made of: written as SVG, or painted. */

export interface Paint {
  readonly fill?: string
  readonly stroke?: string
  readonly width?: number
  readonly dash?: readonly number[]
  readonly alpha?: number
}

export type Shape =
  | ({ type: 'path'; d: string } & Paint)
  | {
      type: 'text'
      x: number
      /** The middle of the line. */
      y: number
      text: string
      size: number
      weight: number
      fill: string
      align: 'left' | 'right'
    }
  /** Covers the box, cut off where it is too wide or too high. clip: path of what is seen. */
  | {
      type: 'image'
      x: number
      y: number
      width: number
      height: number
      clip: string
      url: string
    }
  | { type: 'group'; of: 'node' | 'edge' | 'frame' | 'note'; id: string; shapes: readonly Shape[] }

/** A whole picture; box: what it shows, margins included. */
export interface Drawing {
  readonly title: string
  readonly box: { x: number; y: number; width: number; height: number }
  readonly background: string
  readonly shapes: readonly Shape[]
}

/** A picture that is embedded. href: data: URL. */
export interface Embedded {
  readonly href: string
  readonly image: CanvasImageSource
  readonly width: number
  readonly height: number
}

export type Pictures = ReadonlyMap<string, Embedded>

/** The page's own font, and what is in where a picture is looked at without it. */
export const FONT = "'Inter Variable', Inter, 'Helvetica Neue', Arial, sans-serif"

/** A box whose upper corners are round. */
export function roundedTop(x: number, y: number, width: number, height: number, r: number): string {
  return `M${x} ${y + height}v${r - height}a${r} ${r} 0 0 1 ${r} ${-r}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - r}z`
}
