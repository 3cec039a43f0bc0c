import { onDemand } from '../editor/onDemand'

/** Bring something onto the canvas. */
export const bring = onDemand(() => import('./pasting'), 'Pasting')
