/** Return what the form sends: no default file, whose address may be another one by now. */
export function valuesOf(form: HTMLFormElement): FormData {
  const data = new FormData(form)
  for (const { name, value, dataset } of form.querySelectorAll<HTMLInputElement>('[data-url]')) {
    const isDefault = value === dataset.default && data.getAll(name).length === 1
    if (isDefault) data.delete(name)
  }
  return data
}
