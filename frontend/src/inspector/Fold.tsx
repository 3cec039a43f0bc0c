import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

interface Props {
  title: string
  /** The number of fields inside that have a value. */
  count?: number
  isOpen?: boolean
  children: ReactNode
}

/** Fields that are not needed every day. */
export function Fold({ title, count = 0, isOpen, children }: Props) {
  return (
    <details className="fold" open={isOpen || undefined}>
      <summary>
        <ChevronRight className="i i-14" aria-hidden />
        {title}
        {count > 0 && <span className="faint">{count} set</span>}
      </summary>
      <div className="fold-in">{children}</div>
    </details>
  )
}
