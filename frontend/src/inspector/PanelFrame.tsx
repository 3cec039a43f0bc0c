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
      <div className="ins-head">{head}</div>
      <div className="ins-body">{children}</div>
      {foot && <div className="ins-foot">{foot}</div>}
    </>
  )
}
