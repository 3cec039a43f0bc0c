import type { SocketKind } from '../types'

// In a box of 14, its middle at 7; as templates and canvas draw them.
const SHAPES: Readonly<Record<SocketKind, string>> = {
  text: 'M2.8 3.8H11.2A1.9 1.9 0 0 1 13.1 5.7V8.3A1.9 1.9 0 0 1 11.2 10.2H2.8A1.9 1.9 0 0 1 .9 8.3V5.7A1.9 1.9 0 0 1 2.8 3.8Z',
  image:
    'M4 2.1H10A1.9 1.9 0 0 1 11.9 4V10A1.9 1.9 0 0 1 10 11.9H4A1.9 1.9 0 0 1 2.1 10V4A1.9 1.9 0 0 1 4 2.1Z',
  video: 'M3 1.8L12.4 7L3 12.2Z',
  audio: 'M7 1.6A5.4 5.4 0 1 1 7 12.4A5.4 5.4 0 1 1 7 1.6Z',
  number: 'M7 .5L13.5 7L7 13.5L.5 7Z',
  model: 'M7 .9L12.3 3.95V10.05L7 13.1L1.7 10.05V3.95Z',
  choice: '',
}

/** The shape of a port's type. */
export function Shape({ kind }: { kind: SocketKind }) {
  return (
    <svg className="shape" viewBox="0 0 14 14" aria-hidden="true">
      {kind === 'choice' ? (
        <circle className="t-ring" cx="7" cy="7" r="4" />
      ) : (
        <path className={`t-${kind}`} d={SHAPES[kind]} />
      )}
    </svg>
  )
}
