/** The components of a run's page, each in its place. */

import { draw } from '../parts/draw'
import { Final } from './Final'
import { Clock, RunActions, Status } from './Head'
import { localiseMoments } from './Moment'
import { Notes } from './Notes'
import { Screen } from './Screen'
import { Cost, Log, NextActions } from './Side'
import { Stages } from './Stages'
import { Strip } from './Strip'
import { Turns } from './Turns'

export function mountRun(): void {
  draw('run-status', <Status />)
  draw('clockwork', <Clock />)
  draw('run-actions', <RunActions />)
  draw('run-notes', <Notes />)
  draw('strip', <Strip />)
  draw('turns', <Turns />)
  draw('screen-place', <Screen />)
  draw('final', <Final />)
  draw('stages', <Stages />)
  draw('cost-box', <Cost />)
  draw('run-next', <NextActions />)
  draw('log-box', <Log />)
  localiseMoments()
}
