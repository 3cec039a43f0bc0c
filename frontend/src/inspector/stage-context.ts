import { createContext } from 'react'

/** The key of the stage that a control belongs to: bindings mean what stands before it. */
export const StageContext = createContext<string | null>(null)
