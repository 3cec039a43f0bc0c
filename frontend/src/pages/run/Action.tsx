import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { CsrfToken } from '../parts/CsrfToken'
import { runAddress } from './follow'

interface Props {
  /** The name of what is done to the run, in its address. */
  to: string
  icon: LucideIcon
  children: ReactNode
  /** Classes of the button, beside `btn`. */
  look?: string
  iconLook?: string
}

/** A button that does something to the run, as a form: the page comes again. */
export function Action({ to, icon: Icon, children, look = '', iconLook = '' }: Props) {
  return (
    <form method="post" action={runAddress(to)}>
      <CsrfToken />
      <button className={`btn ${look}`} type="submit">
        <Icon className={`i ${iconLook}`} aria-hidden />
        {children}
      </button>
    </form>
  )
}
