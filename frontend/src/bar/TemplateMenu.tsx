import { ChevronDown } from 'lucide-react'
import { useRef } from 'react'
import { later } from '../parts/later'

const TemplateMenuItems = later(
  () => import('./TemplateMenuItems'),
  (found) => found.TemplateMenuItems,
)

export function TemplateMenu() {
  const menu = useRef<HTMLDivElement>(null)
  return (
    <>
      <button
        type="button"
        className="menu-button"
        aria-label="Template menu"
        popoverTarget="template-menu"
      >
        <ChevronDown className="i i-12" aria-hidden />
      </button>
      <div id="template-menu" ref={menu} popover="auto" className="menu template-menu" role="menu">
        <TemplateMenuItems onChosen={() => menu.current?.hidePopover()} />
      </div>
    </>
  )
}
