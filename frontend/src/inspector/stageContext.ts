import { createContext } from 'react'

/** The key of the stage that a control belongs to: bindings mean what is before it. */
export const StageContext = createContext<string | null>(null)
