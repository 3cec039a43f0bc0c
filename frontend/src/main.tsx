import { createRoot } from 'react-dom/client'
import { App } from './editor/App'
import { openEditor } from './editor/opening'

const root = document.getElementById('editor')
if (root) {
  createRoot(root).render(<App />)
  void openEditor()
}
