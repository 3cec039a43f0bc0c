/** The form that brings a table sends pasted cells as a file: a field may hold less than a file. */
const form = document.querySelector<HTMLFormElement>('#set-table')

form?.addEventListener('formdata', ({ formData }) => {
  const cells = formData.get('cells')
  const file = formData.get('file')
  const hasFile = file instanceof File && file.size > 0
  if (!hasFile && typeof cells === 'string' && cells.trim() !== '') {
    formData.set('file', new File([cells], 'cells.tsv'))
  }
  formData.delete('cells')
})
