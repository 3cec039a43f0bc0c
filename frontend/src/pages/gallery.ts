/** Lists of cards: previews on hover and focus, and words about what a search found. Searching and
 * paging are htmx attributes in the page; without scripts they are plain links. */

import { playPreviews } from '../gallery/previews'
import { offerRetry, tellResults } from '../gallery/results'

// The bar's field is hidden here: "/" leads to the one in the page.
if (document.querySelector('main [data-search]')) {
  document.querySelector('.top [data-search]')?.removeAttribute('data-search')
}
const main = document.getElementById('main')
const results = document.getElementById('results')
const stale = document.getElementById('stale')
if (main) playPreviews(main)
if (results) tellResults(results)
if (stale) offerRetry(stale)
