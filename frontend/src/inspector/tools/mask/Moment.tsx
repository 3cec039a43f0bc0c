import { type RefObject, useState } from 'react'
import { clock } from '../../../run/shared/time'

/** The choice of the frame that is shown while the mask of a video is painted. */
export function Moment({
  video,
  duration,
}: {
  video: RefObject<HTMLVideoElement | null>
  duration: number | null
}) {
  const [at, setAt] = useState(0)
  const whole = duration ?? video.current?.duration ?? 0
  return (
    <label className="mask-moment">
      <span>Time</span>
      <input
        type="range"
        className="slider"
        min={0}
        max={whole}
        step={0.04}
        value={at}
        aria-valuetext={clock(at)}
        onChange={(event) => {
          const time = Number(event.target.value)
          setAt(time)
          if (video.current) video.current.currentTime = time
        }}
      />
      <output className="num">{clock(at)}</output>
    </label>
  )
}
