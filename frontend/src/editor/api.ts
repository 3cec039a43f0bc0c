/** The one caller of the server. */

import { Api } from '../document/api'

export const api = new Api()
