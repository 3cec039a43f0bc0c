/** Every verb of the editor: document in, label and ops out. Nothing here asks or shows anything. */

export { type Edit, freshKey, nameOf } from './edit'
export { copy, duplicate, type Pasted, paste } from './edits/clipboard'
export {
  bypassable,
  reroll,
  setArgument,
  setBypass,
  setInputField,
  setLabel,
  setSeed,
  setStageField,
  setTemplateField,
  setValue,
} from './edits/fields'
export { withKept } from './edits/keep'
export { addInput, inputNameProblem, removeInput, renameArtifact, renameInput } from './edits/names'
export {
  type Alignment,
  addFrame,
  addNote,
  align,
  moveNodes,
  setFrame,
  setNote,
} from './edits/places'
export { removeNodes } from './edits/remove'
export { addStage, insertOnEdge, type NewStage, reorder } from './edits/stages'
export { connect, disconnect, makeReal } from './edits/wires'
