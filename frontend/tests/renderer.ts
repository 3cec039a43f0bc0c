// Components are drawn as in the editor.
if (typeof window !== 'undefined') await import('../src/app/renderer')
