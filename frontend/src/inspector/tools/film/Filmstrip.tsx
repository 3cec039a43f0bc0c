import { memo, useEffect, useRef, useState } from 'react'
import { readFilm } from './frames'

interface Props {
  url: string
  /** Width by height. */
  ratio: number
  onRate: (rate: number) => void
  onCuts: (cuts: readonly number[]) => void
}

/** CSS pixels. Portrait clips get tiles that are wide enough to tell apart. */
const HEIGHT = 52
const NARROWEST = 36
const MOST_TILES = 80
const SETTLE_MS = 150

/** The clip as a row of its pictures, as many as there is room for. */
export const Filmstrip = memo(function Filmstrip({ url, ratio, onRate, onCuts }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const tile = Math.max(NARROWEST, HEIGHT * ratio)
  const count = width === 0 ? 0 : Math.min(MOST_TILES, Math.max(1, Math.ceil(width / tile)))
  const [isEmpty, setEmpty] = useState(false)

  useEffect(() => {
    const box = canvas.current
    if (!box) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const observer = new ResizeObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(() => setWidth(box.clientWidth), SETTLE_MS)
    })
    observer.observe(box)
    setWidth(box.clientWidth)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
    }
  }, [])

  useEffect(() => {
    const box = canvas.current
    const context = box?.getContext('2d')
    if (!box || !context || count === 0) return
    const scale = Math.min(2, devicePixelRatio)
    const across = box.clientWidth / count
    box.width = Math.round(box.clientWidth * scale)
    box.height = Math.round(HEIGHT * scale)
    const control = new AbortController()
    const onTile = (at: number, picture: HTMLCanvasElement) => {
      // As `object-fit: cover` would.
      const wide = across * scale
      const high = HEIGHT * scale
      const grow = Math.max(wide / picture.width, high / picture.height)
      const [cut, low] = [wide / grow, high / grow]
      const offset = (picture.width - cut) / 2
      const top = (picture.height - low) / 2
      context.drawImage(
        picture,
        offset,
        top,
        cut,
        low,
        Math.floor(at * wide),
        0,
        Math.ceil(wide),
        high,
      )
    }
    readFilm(url, count, Math.round(HEIGHT * scale), { onTile, onRate, onCuts }, control.signal)
      .then(() => setEmpty(false))
      .catch(() => setEmpty(true))
    return () => control.abort()
  }, [url, count, onRate, onCuts])

  return (
    <div className={`film-strip${isEmpty ? ' is-empty' : ''}`} aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  )
})
