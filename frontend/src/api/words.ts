// Written by `manage.py generate` from the declarations in Python; do not edit it.

import type { Category } from './schema'

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
