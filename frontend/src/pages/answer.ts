/** The page where someone with a link answers one question. */

import { mountTurn } from './turn/mount'

mountTurn()
