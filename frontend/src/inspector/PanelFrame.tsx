import type { ReactNode } from 'react'

interface Props {
  head: ReactNode
  foot?: ReactNode
  children: ReactNode
}

/** Head, what scrolls, foot: alike for whatever is selected. */
export function PanelFrame({ head, foot, children }: Props) {
  return (
    <>
      <header>{head}</header>
      <div className="ins-body">{children}</div>
      {foot && <footer>{foot}</footer>}
    </>
  )
}
