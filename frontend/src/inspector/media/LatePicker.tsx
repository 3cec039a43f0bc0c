import { Dialog } from '../../parts/Dialog'
import { later } from '../../parts/later'

/** The dialog that brings a medium. */
export const MediaPicker = later(
  () => import('./MediaPicker'),
  (found) => found.MediaPicker,
  {
    frame: (sorry, { onClose }) => (
      <Dialog title="Choose a medium" onClose={onClose}>
        {sorry}
      </Dialog>
    ),
  },
)
