import { useEffect, useState } from 'react'

/** The time, ever again while something runs. isOn false: no timer. every: milliseconds. */
export function useNow(isOn: boolean, every = 1_000): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isOn) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [isOn, every])
  return now
}
