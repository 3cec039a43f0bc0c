import { useEffect, useState } from 'react'

/**
 * Return true once components have taken over the HTML that the server drew. Attributes that its
 * HTML does not have are added from then on: until then nothing but text is compared.
 */
export function useTakenOver(): boolean {
  const [isTaken, setTaken] = useState(false)
  useEffect(() => setTaken(true), [])
  return isTaken
}
