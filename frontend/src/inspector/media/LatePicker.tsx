import { Dialog } from '../../parts/Dialog'
import { later } from '../../parts/later'

/** The dialog to choose a file, loaded when it is first opened. */
export const MediaPicker = later(
  () => import('./MediaPicker'),
  (found) => found.MediaPicker,
  {
    frame: (sorry, { onClose }) => (
      <Dialog title="Choose a file" onClose={onClose}>
        {sorry}
      </Dialog>
    ),
  },
)
