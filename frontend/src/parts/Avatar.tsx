/** A person in one or two letters, on their own hue. */
export function Avatar({ name, hue, size = '' }: { name: string; hue: number; size?: 'l' | '' }) {
  return (
    <span className={`avatar avatar-hue-${hue % 8}${size ? ` avatar-${size}` : ''}`} title={name}>
      <span aria-hidden>{initials(name)}</span>
      <span className="visually-hidden">{name}</span>
    </span>
  )
}

function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? []
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return (
    letters
      .map((word) => (word ? [...word][0] : ''))
      .join('')
      .toUpperCase() || '?'
  )
}
