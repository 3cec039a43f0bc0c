export function QuoteText() {
  return null
}
