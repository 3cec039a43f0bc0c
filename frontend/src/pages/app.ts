/** The page of an app, for those who hold a link to it. */

import { openApp } from './guest/open'

void openApp()
