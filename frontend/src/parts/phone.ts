import { useEffect, useState } from 'react'

const PHONE = '(max-width: 760px)'

export function isPhone(): boolean {
  return window.matchMedia?.(PHONE).matches ?? false
}

/** Return true if the editor has the width of a phone. */
export function usePhone(): boolean {
  const [matches, setMatches] = useState(isPhone)
  useEffect(() => {
    const list = window.matchMedia?.(PHONE)
    if (!list) return
    const update = () => setMatches(list.matches)
    list.addEventListener('change', update)
    return () => list.removeEventListener('change', update)
  }, [])
  return matches
}
