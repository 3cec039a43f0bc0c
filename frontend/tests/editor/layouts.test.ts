// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest'
import { onKeyDown, register } from '../../src/editor/commands'

const CODES = [
  'Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0',
  'KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight',
  'KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote',
  'KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash',
].flatMap((row) => row.split(' '))

/** What each key writes, and with Shift. */
const LAYOUTS = {
  US: [
    "1234567890qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    '!@#$%^&*()QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?',
  ],
  German: [
    '1234567890qwertzuiopü+asdfghjklöäyxcvbnm,.-',
    '!"§$%&/()=QWERTZUIOPÜ*ASDFGHJKLÖÄYXCVBNM;:_',
  ],
  French: [
    '&é"\'(-è_çàazertyuiop^$qsdfghjklmùwxcvbn,;:!',
    '1234567890AZERTYUIOP¨£QSDFGHJKLM%WXCVBN?./§',
  ],
  Russian: [
    '1234567890йцукенгшщзхъфывапролджэячсмитьбю.',
    '!"№;%:?*()ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,',
  ],
  Greek: [
    "1234567890;ςερτυθιοπ[]ασδφγηξκλ΄'ζχψωβνμ,./",
    '!@#$%^&*():΅ΕΡΤΥΘΙΟΠ{}ΑΣΔΦΓΗΞΚΛ¨"ΖΧΨΩΒΝΜ<>?',
  ],
  Hebrew: [
    "1234567890/'קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ.",
    '!@#$%^&*)(QWERTYUIOP}{ASDFGHJKL:"ZXCVBNM><?',
  ],
} as const
type Layout = keyof typeof LAYOUTS

const SHORTCUTS = 'A C F G M N O R T Shift+A Ctrl+K Ctrl+Z Ctrl+Shift+Z'.split(' ')
const OTHERS = 'Q Y Ctrl+B Ctrl+Y Ctrl+Q 0 1 6 - . / ? [ ] >'.split(' ')

const acted: string[] = []
for (const keys of [...SHORTCUTS, ...OTHERS])
  register({ id: keys, label: keys, group: 'Edit', keys: [keys], run: () => void acted.push(keys) })
afterEach(() => void acted.splice(0))

/** Press a key where it is on a layout, as a browser reports it. Returns the shortcuts that acted. */
function press(layout: Layout, code: string, held: KeyboardEventInit = {}): string[] {
  const key = [...LAYOUTS[layout][held.shiftKey ? 1 : 0]][CODES.indexOf(code)]
  const event = new KeyboardEvent('keydown', { key, code, cancelable: true, ...held })
  // happy-dom knows four keys that are held, and this is none of them.
  event.getModifierState = (name) => name === 'AltGraph' && held.modifierAltGraph === true
  onKeyDown(event)
  expect(event.defaultPrevented).toBe(acted.length > 0)
  return acted.splice(0)
}

/** Where the letter is written; on a keyboard without it, where a US keyboard has it. */
function codeOf(letter: string, layout: Layout): string {
  const places = [layout, 'US' as const].map((one) => [...LAYOUTS[one][0]].indexOf(letter))
  return CODES[places.find((place) => place >= 0) ?? -1] ?? ''
}

test.each(Object.keys(LAYOUTS) as Layout[])('each shortcut acts on a keyboard of %s', (layout) => {
  const done = SHORTCUTS.flatMap((keys) => {
    const code = codeOf(keys.slice(-1).toLowerCase(), layout)
    return press(layout, code, { ctrlKey: keys.includes('Ctrl'), shiftKey: keys.includes('Shift') })
  })
  expect(done).toEqual(SHORTCUTS)
})

test.each<[Layout, string, KeyboardEventInit, string[]]>([
  // Z and Y are what is written on the keys.
  ['German', 'KeyZ', {}, ['Y']],
  ['German', 'KeyY', { ctrlKey: true }, ['Ctrl+Z']],
  ['German', 'KeyZ', { ctrlKey: true }, ['Ctrl+Y']],
  ['French', 'KeyA', { ctrlKey: true }, ['Ctrl+Q']],
  // Digits, with Shift or without it; a sign that is a shortcut itself stays one.
  ['French', 'Digit1', {}, ['1']],
  ['French', 'Digit0', {}, ['0']],
  ['French', 'Digit1', { shiftKey: true }, ['1']],
  ['French', 'Digit6', {}, ['-']],
  ['US', 'Digit1', { shiftKey: true }, []],
  ['Russian', 'Digit1', { shiftKey: true }, []],
  // Signs where they are written, and where another script has letters.
  ['US', 'Period', { shiftKey: true }, ['>']],
  ['US', 'Slash', { shiftKey: true }, ['?']],
  ['German', 'Digit7', { shiftKey: true }, ['/']],
  ['French', 'Comma', { shiftKey: true }, ['.']],
  ['French', 'KeyM', { shiftKey: true }, ['?']],
  ['German', 'BracketLeft', {}, []],
  ['Russian', 'BracketLeft', {}, ['[']],
  ['Russian', 'Period', {}, ['.']],
  ['Russian', 'Period', { shiftKey: true }, ['>']],
  ['Russian', 'Digit7', { shiftKey: true }, ['?']],
  ['Hebrew', 'Period', {}, ['.']],
  ['Hebrew', 'BracketLeft', {}, [']']],
  ['Greek', 'KeyQ', {}, ['Q']],
  // An Arabic key writes two letters.
  ['Hebrew', 'KeyB', { key: 'لا', ctrlKey: true }, ['Ctrl+B']],
  // What AltGr writes is that sign and no letter.
  ['German', 'Digit8', { key: '[', modifierAltGraph: true }, ['[']],
  ['German', 'KeyQ', { key: '@', modifierAltGraph: true }, []],
])('on a keyboard of %s, %s with %o does %o', (layout, code, held, wanted) => {
  expect(press(layout, code, held)).toEqual(wanted)
})

test.each([{ isComposing: true }, { keyCode: 229 }])(
  'a key of an input method, %o, is none',
  (how) => {
    expect(press('US', 'KeyK', { ctrlKey: true, ...how })).toEqual([])
  },
)
