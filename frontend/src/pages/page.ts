/** What every page can do: say things, open dialogs, ask for parts of itself. */

import { openDialogs } from '../frame/dialogs'
import { listenForKeys } from '../frame/keys'
import { signRequests, tellOfRefusals } from '../frame/requests'
import { prepareToasts } from '../frame/toasts'
import { showWholePictures } from '../frame/wholePictures'

prepareToasts()
signRequests()
tellOfRefusals()
openDialogs()
listenForKeys()
showWholePictures()
