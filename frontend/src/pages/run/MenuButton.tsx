import { ChevronRight, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

interface Props {
  /** The menu's id: the page's parts are drawn apart, so that React's own ids repeat. */
  id: string
  icon: LucideIcon
  title: string
  /** Classes of the button, beside `btn`. */
  look?: string
  children: ReactNode
}

/** A button that opens a menu of links and buttons beside it. */
export function MenuButton({ id, icon: Icon, title, look = '', children }: Props) {
  return (
    <>
      <button className={`btn ${look}`} type="button" popoverTarget={id}>
        <Icon className="i" aria-hidden />
        {title}
        <ChevronRight className="i i-14" aria-hidden />
      </button>
      <div className="menu more-menu" id={id} popover="auto">
        {children}
      </div>
    </>
  )
}
