import { useEffect, useRef } from 'react'
import { Moment } from '../run/Moment'

/** picture: its QR code as SVG, or empty where no other device can open it. */
export interface Link {
  url: string
  expiresAt: string
  picture: string
}

/** A link by which one question is answered without signing in. */
export function PhoneLink({ link }: { link: Link }) {
  const address = useRef<HTMLInputElement>(null)
  useEffect(() => {
    address.current?.focus({ preventScroll: true })
    address.current?.select()
  }, [])
  const until = <Moment at={link.expiresAt} />
  return (
    <div className={link.picture ? 'phone-link' : 'phone-link phone-here'} data-phone="">
      {link.picture && <Code picture={link.picture} />}
      <div className="phone-words">
        {link.picture ? (
          <p>
            Scan the code or open the link on your phone. It works once, until {until}. Anyone with
            the link can answer.
          </p>
        ) : (
          <>
            <p>
              <strong>A phone can't open this link yet.</strong> This server is open to this
              computer only. To let other devices in, set <code>REELGRAPH_PUBLIC_URL</code> and run
              a reverse proxy, as <i>Behind a reverse proxy</i> in docs/reference/settings.md shows.
            </p>
            <p>On this computer the link works once, until {until}, without signing in.</p>
          </>
        )}
        <label className="visually-hidden" htmlFor="phone-url">
          The link
        </label>
        <input className="input mono" id="phone-url" readOnly value={link.url} ref={address} />
      </div>
    </div>
  )
}

/** The server's own drawing. */
function Code({ picture }: { picture: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const image = new DOMParser().parseFromString(picture, 'text/html').querySelector('svg')
    if (image) place.current?.replaceChildren(image)
  }, [picture])
  return <div className="phone-code" ref={place} />
}
