/** The id of the row that frames and notes are below. */
export const NOTES = '$notes'
