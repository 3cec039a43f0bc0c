export function RunButton() {
  return null
}
