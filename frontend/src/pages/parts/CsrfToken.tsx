import { csrfToken } from '../../api/csrf'

/** The hidden field without which the server takes no form. */
export function CsrfToken() {
  return <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
}
