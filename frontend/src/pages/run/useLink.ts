import { useEffect, useRef } from 'react'

/** Unfold the item of a batch to which a link leads that a person followed, or came with. */
export function useLink(batch: string, unfold: (item: string) => void): void {
  const latest = useRef(unfold)
  latest.current = unfold
  useEffect(() => {
    const follow = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
      // It may be a stage inside an item.
      const item = target?.closest<HTMLElement>(`[data-item-of="${CSS.escape(batch)}"]`)
      if (!item) return
      latest.current(item.dataset.step ?? '')
      requestAnimationFrame(() => target?.scrollIntoView({ block: 'nearest' }))
    }
    follow()
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [batch])
}
