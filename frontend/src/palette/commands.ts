/** The palette's command: one's own files, to search and to put onto the canvas. */

import { register } from '../editor/commands'
import { searchMedia } from './state'

register({
  id: 'media',
  label: 'My media',
  group: 'Stages',
  keys: ['Shift+M'],
  not: ({ canEdit, mode, face }) => {
    if (!canEdit) return 'View only. Remix it to edit your own copy.'
    return mode !== 'compare' && face === 'canvas' ? null : 'Switch to the canvas first.'
  },
  run: searchMedia,
})
