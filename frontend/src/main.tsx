import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

const root = document.getElementById('editor')
if (root) createRoot(root).render(<StrictMode />)
