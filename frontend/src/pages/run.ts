/** The page of a run: what the server drew is kept true. */

import { followRun } from './run/follow'
import { mountRun } from './run/mount'

mountRun()
followRun()
