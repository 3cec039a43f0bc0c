/** The page of a run: what the server drew is kept true. */

import { answerForms } from '../runForm/formKey'
import { followRun } from './run/follow'
import { mountRun } from './run/mount'

answerForms()
mountRun()
followRun()
