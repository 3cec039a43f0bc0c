// Written by `manage.py generate` from the declarations in Python; do not edit it.

import type { Category, RunStatus, PublicStepStatus } from './schema'

export const CATEGORY_WORDS: Readonly<Record<Category, string>> = {
  'portrait': 'Portrait',
  'video-social': 'Social video',
  'makeover': 'Makeover',
  'cinematic': 'Cinematic',
  'music': 'Music',
  'analysis': 'Analysis',
  'custom': 'Custom',
  'other': 'Other',
}

export const RUN_STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  'queued': 'Queued',
  'running': 'Running',
  'waiting_for_user': 'Your turn',
  'completed': 'Done',
  'partial_failure': 'Done with errors',
  'failed': 'Failed',
  'cancelled': 'Stopped',
}

export const STEP_STATUS_WORDS: Readonly<Record<PublicStepStatus, string>> = {
  'pending': 'Queued',
  'running': 'Running',
  'waiting_for_user': 'Your turn',
  'completed': 'Done',
  'failed': 'Failed',
  'skipped': 'Skipped',
  'cancelled': 'Stopped',
}
