import type { ReactNode } from 'react'
import { ToolDialog } from '../../../parts/mediaTool/ToolDialog'
import { ClipBar } from './ClipBar'
import { ClipView } from './ClipView'
import { onToolKey, type ToolKeys } from './keys'
import { Track } from './Track'
import type { Film } from './useFilm'

interface Props {
  title: string
  film: Film
  about: ReactNode
  /** The keys of this tool alone. */
  keys: ToolKeys
  /** At the bottom: what was done, or how things are. */
  said: ReactNode
  /** Over the picture, in its own box. */
  onPicture?: ReactNode
  /** Buttons of the tool, beside those of the player. */
  buttons: ReactNode
  looping?: { isOn: boolean; set: (isOn: boolean) => void }
  /** Over the pictures of the timeline, once the clip's length is known. */
  onTrack?: ReactNode
  /** Below them. */
  lanes?: ReactNode
  /** Beside the player. */
  side?: ReactNode
  /** Below the timeline. */
  children?: ReactNode
  onClose: () => void
}

/** A tool on a clip: the player, its bar, the timeline, and what a tool puts around them. */
export function FilmTool(props: Props) {
  const { title, film, about, keys, said, side, onClose } = props
  const isReady = film.clip.duration > 0
  const main = (
    <>
      <ClipView source={film.source} clip={film.clip}>
        {props.onPicture}
      </ClipView>
      <ClipBar film={film} looping={props.looping}>
        {props.buttons}
      </ClipBar>
      <Track film={film} over={isReady && props.onTrack} lanes={isReady && props.lanes} />
      {isReady && props.children}
    </>
  )
  return (
    <ToolDialog
      title={title}
      about={about}
      onKey={(event) => onToolKey(event, film.clip, keys)}
      onClose={onClose}
      foot={
        <>
          <p className="tool-said" role="status">
            {said}
          </p>
          <button type="button" className="btn btn-ink" onClick={onClose}>
            Done
          </button>
        </>
      }
    >
      {side === undefined ? (
        <div className="film-tool" ref={film.root}>
          {main}
        </div>
      ) : (
        <div className="film-tool film-cols" ref={film.root}>
          <div className="film-main">{main}</div>
          <div className="film-side">{side}</div>
        </div>
      )}
    </ToolDialog>
  )
}
