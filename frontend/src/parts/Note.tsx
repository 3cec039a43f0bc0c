import { type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ComponentProps } from 'react'

interface Props extends ComponentProps<'p'> {
  icon?: LucideIcon
  look?: '' | 'note-wait' | 'note-bad'
}

/** A sentence with a sign before it. */
export function Note({ icon: Icon = TriangleAlert, look = '', children, ...props }: Props) {
  return (
    <p {...props} className={`note ${look}`}>
      <Icon className="i" aria-hidden />
      <span>{children}</span>
    </p>
  )
}
