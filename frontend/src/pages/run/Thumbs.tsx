import { Film, Music } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Medium as File } from '../../api/schema'
import { SmallPicture } from './Medium'
import { makersOf } from './screen'
import { chooseFile, usePage } from './store'
import { useList } from './useStep'

/** A small picture of everything made so far, in the order of the stages and their items. */
export function Thumbs({ className, label }: { className: string; label: string }) {
  const makers = useList(makersOf)
  const titles = usePage((state) => state.run.page.stages)
  const screenId = usePage((state) => state.screen.id)
  return (
    <ul className={className} data-thumbs="" aria-label={label}>
      {makers.flatMap((step) =>
        step.artifacts
          .filter((file) => !file.isBlocked)
          .map((file) => (
            <Thumb
              key={file.id}
              file={file}
              title={titles[step.key]?.title ?? step.title}
              isShown={file.id === screenId}
            />
          )),
      )}
    </ul>
  )
}

function Thumb({ file, title, isShown }: { file: File; title: string; isShown: boolean }) {
  const item = useRef<HTMLLIElement>(null)
  // The file that is on the screen is in view among the small ones.
  useEffect(() => {
    const list = item.current?.parentElement
    if (isShown && list && item.current)
      list.scrollLeft = item.current.offsetLeft - list.clientWidth / 2
  }, [isShown])
  return (
    <li ref={item}>
      <button
        type="button"
        data-shows={file.id}
        aria-label={`Show ${title}, result`}
        aria-current={isShown}
        onClick={() => chooseFile(file.id)}
      >
        {file.kind === 'audio' && <Music className="i" aria-hidden />}
        {file.kind === 'video' && <Film className="i" aria-hidden />}
        {file.kind !== 'audio' && <SmallPicture file={file} />}
      </button>
    </li>
  )
}
