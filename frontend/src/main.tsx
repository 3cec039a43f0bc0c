import { createRoot } from 'react-dom/client'
import { App } from './editor/App'
import { LastResort } from './editor/LastResort'
import { openEditor } from './editor/opening'
import { fetchWhenIdle } from './parts/fetching'

const root = document.getElementById('editor')
if (root) {
  createRoot(root).render(
    <LastResort>
      <App />
    </LastResort>,
  )
  void openEditor().then(fetchWhenIdle)
}
