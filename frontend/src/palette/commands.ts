/** The palette's command: one's own files, to search and to put onto the canvas. */

import { register } from '../editor/commands'
import { whyViewOnly } from '../editor/store'
import { searchMedia } from './state'

register({
  id: 'media',
  label: 'My media',
  group: 'Stages',
  keys: ['Shift+M'],
  not: (state) =>
    whyViewOnly(state) ??
    (state.mode !== 'compare' && state.face === 'canvas' ? null : 'Switch to the canvas first.'),
  run: searchMedia,
})
