import './app/renderer'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { EditorBoundary } from './app/EditorBoundary'
import { sessionListener } from './app/sessionListener'
import { openEditor } from './editor/session'
import { fetchWhenIdle } from './parts/fetching'
import './styles'

const root = document.getElementById('editor')
if (root) {
  createRoot(root).render(
    <EditorBoundary>
      <App />
    </EditorBoundary>,
  )
  void openEditor(sessionListener).then(fetchWhenIdle)
}
