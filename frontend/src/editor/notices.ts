/** Problems that tell how a template runs, not what is wrong with it. */

import type { Issue } from '../api/schema'

/** Return true for the notice about stages inside a stage, which the stage itself shows. */
export function isGroupNotice({ code }: Pick<Issue, 'code'>): boolean {
  return code === 'sub_stages_run_as_group'
}
