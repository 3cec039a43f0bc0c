import type { ReactNode } from 'react'

interface Props {
  head: ReactNode
  foot?: ReactNode
  children: ReactNode
}

/** Head, what scrolls, foot: the same for all that can be selected. No landmarks: phones show it in a dialog. */
export function PanelFrame({ head, foot, children }: Props) {
  return (
    <>
      <div className="inspector-head">{head}</div>
      <div className="inspector-body">{children}</div>
      {foot && <div className="inspector-foot">{foot}</div>}
    </>
  )
}
