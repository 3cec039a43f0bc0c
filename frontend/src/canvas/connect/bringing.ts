import { Deferred } from '../../parts/fetching'
import { onDemand } from '../../parts/onDemand'

/** Bring something onto the canvas. */
export const bring = onDemand(new Deferred(() => import('./pasting')), 'Pasting')
