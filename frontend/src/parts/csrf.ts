/** The token that Django set as a cookie; it changes with every sign-in, so it is read each time.
 * On https its name begins with `__Host-`, and a plain one is from an earlier release. */
export function csrfToken(cookies: string = document.cookie): string {
  const found =
    /(?:^|;\s*)__Host-csrftoken=([^;]*)/.exec(cookies) ??
    /(?:^|;\s*)csrftoken=([^;]*)/.exec(cookies)
  return decodeURIComponent(found?.[1] ?? '')
}
