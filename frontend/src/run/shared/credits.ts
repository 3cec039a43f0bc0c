/** "1 credit", "12 credits", "0.5 credits". */
export function unitWords(units: number): string {
  const figure = Math.round(units * 1_000) / 1_000
  return figure === 1 ? '1 credit' : `${figure.toLocaleString('en')} credits`
}
