/** Components take over what the server drew of a run. */

import { takeOver } from '../parts/takeOver'
import { Final } from './Final'
import { Clock, RunActions, Status } from './Head'
import { localiseMoments } from './Moment'
import { Notes } from './Notes'
import { Rows } from './Rows'
import { Screen } from './Screen'
import { Cost, Log, NextActions } from './Side'
import { Strip } from './Strip'
import { Timeline } from './Timeline'
import { Turns } from './Turns'

export function mountRun(): void {
  takeOver('run-status', <Status />)
  takeOver('clockwork', <Clock />)
  takeOver('run-actions', <RunActions />)
  takeOver('run-notes', <Notes />)
  takeOver('strip', <Strip />)
  takeOver('turns', <Turns />)
  takeOver('screen-place', <Screen />)
  takeOver('final', <Final />)
  takeOver('rows', <Rows />)
  takeOver('timeline', <Timeline />)
  takeOver('cost-box', <Cost />)
  takeOver('run-next', <NextActions />)
  takeOver('log-box', <Log />)
  localiseMoments()
}
