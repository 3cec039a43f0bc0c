import type { Turn } from '../../api/schema'
import { draw } from '../parts/draw'
import { TurnCard } from './TurnCard'

/** The one question of a page that a link leads to. */
export function mountTurn(): void {
  const turn = JSON.parse(document.getElementById('turn')?.textContent ?? '') as Turn
  draw('turns', <TurnCard turn={turn} action={location.pathname} />)
}
