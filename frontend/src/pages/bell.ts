/** The bell in the bar of pages, the editor and the administration. */

import '../notices/bell'
