/** The half of the palette that is shown. */

import { create } from 'zustand'

interface PaletteState {
  readonly tab: 'stages' | 'media'
  /** The search of one's own media is to get the focus, once it is there. */
  readonly isSearchWanted: boolean
}

export const usePalette = create<PaletteState>(() => ({ tab: 'stages', isSearchWanted: false }))

export function setTab(tab: PaletteState['tab']): void {
  usePalette.setState({ tab, isSearchWanted: false })
}

export function searchMedia(): void {
  usePalette.setState({ tab: 'media', isSearchWanted: true })
}

/** The search has the focus. */
export function endSearchWanted(): void {
  usePalette.setState({ isSearchWanted: false })
}
