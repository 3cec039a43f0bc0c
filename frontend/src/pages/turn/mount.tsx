import type { Turn } from '../../api/schema'
import { takeOver } from '../parts/takeOver'
import { TurnCard } from './TurnCard'

/** The one question of a page that a link leads to. */
export function mountTurn(): void {
  const turn = JSON.parse(document.getElementById('turn')?.textContent ?? '') as Turn
  takeOver('turns', <TurnCard turn={turn} action={location.pathname} />)
}
