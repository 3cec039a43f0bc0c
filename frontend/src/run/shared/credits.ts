/** "1 credit", "12 credits", "0.5 credits"; with a noun of one's own "12 of your credits". */
export function unitWords(units: number, noun?: string): string {
  const figure = Math.round(units * 1_000) / 1_000
  return `${figure.toLocaleString('en')} ${noun ?? (figure === 1 ? 'credit' : 'credits')}`
}
