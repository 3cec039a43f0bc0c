/** The part of htmx that the pages use. `builder/page.html` loads it. */

interface HtmxDetail {
  /** The element that takes in the answer. */
  readonly target: HTMLElement
  readonly xhr: XMLHttpRequest
  shouldSwap: boolean
  readonly requestConfig: { readonly elt?: HTMLElement }
}

interface Htmx {
  process(element: Element): void
  trigger(element: Element, event: string): void
}

type HtmxRequest = CustomEvent<{ readonly headers: Record<string, string> }>
type HtmxEvent = CustomEvent<HtmxDetail>

interface DocumentEventMap {
  'htmx:configRequest': HtmxRequest
  'htmx:beforeSwap': HtmxEvent
  'htmx:afterSwap': HtmxEvent
  'htmx:responseError': HtmxEvent
  'htmx:sendError': HtmxEvent
  'htmx:timeout': HtmxEvent
}

interface Window {
  readonly htmx?: Htmx
}
