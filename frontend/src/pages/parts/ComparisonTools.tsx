import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { InStep } from '../../run/shared/inStep'
import type { ComparisonToolsProps } from './Comparison'

/** The two laid over each other, with a divider. Clips play together. */
export function ComparisonTools({ place, isFilm }: ComparisonToolsProps) {
  const [isWipe, setWipe] = useState(true)
  const [at, setAt] = useState(50)
  const [inStep] = useState(() => new InStep())
  useClips(place, isFilm, inStep)
  useEffect(() => {
    place.classList.toggle('is-wipe', isWipe)
    place.style.setProperty('--at', `${at}%`)
  }, [place, isWipe, at])
  return (
    <>
      {createPortal(<Divider at={at} isHidden={!isWipe} onMove={setAt} />, place)}
      <div className="before-bar">
        {isFilm && <Playing inStep={inStep} />}
        <button
          type="button"
          className="btn btn-s"
          aria-pressed={!isWipe}
          onClick={() => setWipe(!isWipe)}
        >
          Side by side
        </button>
      </div>
    </>
  )
}

interface DividerProps {
  /** Percent from the left. */
  at: number
  isHidden: boolean
  onMove: (at: number) => void
}

/** A slider as wide as the picture: a finger, a mouse and arrow keys move it. */
function Divider({ at, isHidden, onMove }: DividerProps) {
  const before = Math.round(at)
  return (
    <input
      type="range"
      min={0}
      max={100}
      step={0.5}
      value={at}
      className="before-divider"
      aria-label="Divider"
      aria-valuetext={`${before}% before, ${100 - before}% after`}
      hidden={isHidden}
      onInput={(event) => onMove(Number(event.currentTarget.value))}
    />
  )
}

/** Two clips as one: the later one leads and is heard. */
function useClips(place: HTMLElement, isOn: boolean, inStep: InStep): void {
  useEffect(() => {
    const [first, second] = place.querySelectorAll('video')
    if (!isOn || !first || !second) return
    for (const clip of [first, second]) {
      clip.controls = false
      clip.preload = 'auto'
    }
    const ends = [inStep.add(first, false), inStep.add(second, true)]
    return () => {
      for (const end of ends) end()
    }
  }, [place, isOn, inStep])
}

function Playing({ inStep }: { inStep: InStep }) {
  const { time, duration, isPlaying } = inStep.useState()
  return (
    <>
      <button type="button" className="btn btn-s" onClick={() => inStep.toggle()}>
        {isPlaying ? 'Pause' : 'Play'}
      </button>
      <input
        type="range"
        min={0}
        max={duration || 1}
        step={0.01}
        value={time}
        aria-label="Time"
        onInput={(event) => inStep.seek(Number(event.currentTarget.value))}
      />
    </>
  )
}
