import { onDemand } from '../editor/onDemand'
import { Late } from '../parts/fetching'

/** Bring something onto the canvas. */
export const bring = onDemand(new Late(() => import('./pasting')), 'Pasting')
