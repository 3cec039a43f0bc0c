export function Bar() {
  return null
}
