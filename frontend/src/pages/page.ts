/** The common parts of every page: toasts, dialogs, requests, keys. */

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
