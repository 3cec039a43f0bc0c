import { useEffect, useState } from 'react'

/**
 * Whether components have taken over what the server drew. Attributes that its HTML does not have
 * are added from then on: until then nothing but text is compared.
 */
export function useTakenOver(): boolean {
  const [isTaken, setTaken] = useState(false)
  useEffect(() => setTaken(true), [])
  return isTaken
}
