/** Which half of the palette is shown. */

import { create } from 'zustand'

export const usePalette = create<{ readonly tab: 'stages' | 'media' }>(() => ({ tab: 'stages' }))

export function setTab(tab: 'stages' | 'media'): void {
  usePalette.setState({ tab })
}
