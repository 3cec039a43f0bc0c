const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform)
const SIGNS: Readonly<Record<string, string>> = {
  Ctrl: IS_MAC ? '⌘' : 'Ctrl',
  Enter: '↵',
  Delete: 'Del',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
}

/** `Ctrl+Enter` as people read it on their keyboard. */
export function shownKey(key: string): string {
  // The plus sign itself is a key, too.
  return key
    .split(/(?<=.)\+/)
    .map((part) => SIGNS[part] ?? part)
    .join(' ')
}
