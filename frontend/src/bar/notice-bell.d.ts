import type { DetailedHTMLProps, HTMLAttributes } from 'react'

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'notice-bell': DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & {
        person: string
      }
    }
  }
}
