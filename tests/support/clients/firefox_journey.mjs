// Firefox, led by Puppeteer over WebDriver BiDi, goes the main way through the product: it signs in,
// opens a sample, runs it and sees the result; then it opens the editor of the sample.
//
// Environment: PACKAGES, the folder in which puppeteer-core is installed; FIREFOX, the program;
// SIGN_IN, a link that signs in; SAMPLE, the path of a template that asks for a TEXT; LIMIT_MS of a wait.
// Prints a JSON object: the browser, the run's address and state, what its result is, the nodes on
// the canvas, and what the pages complained of.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { PACKAGES, FIREFOX, SIGN_IN, SAMPLE, TEXT, LIMIT_MS } = process.env
const puppeteer = createRequire(join(PACKAGES, 'package.json'))('puppeteer-core')
const limit = Number(LIMIT_MS)
const origin = new URL(SIGN_IN).origin
const complaints = []

const browser = await puppeteer.launch({
  browser: 'firefox',
  protocol: 'webDriverBiDi',
  executablePath: FIREFOX,
  headless: true,
  // The window's own size: this Firefox has no command yet for another.
  defaultViewport: null,
  args: ['--width=1440', '--height=900'],
  timeout: limit,
})
try {
  const page = await browser.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))

  await page.goto(SIGN_IN)
  await press(page, 'main form button[type=submit]')
  await shown(page, '[popovertarget="account-menu"]')

  await page.goto(origin + SAMPLE)
  await page.type('#run textarea', TEXT)
  await press(page, '#run [data-run]')
  await shown(page, '[data-film] video')
  const run = new URL(page.url()).pathname
  const result = await page.evaluate(played)
  const state = await page.evaluate(
    () => document.querySelector('.run-head-state').textContent.trim(),
  )

  await page.goto(`${origin}${SAMPLE}/edit`)
  await shown(page, '.node')
  const nodes = await page.evaluate(() => document.querySelectorAll('.node').length)
  const version = await browser.version()
  console.log(JSON.stringify({ version, run, state, result, nodes, complaints }))
} finally {
  await browser.close()
}

async function press(page, selector) {
  await shown(page, selector)
  await page.click(selector)
}

// Puppeteer's own waiting evaluates text in the page, which the policy of the pages forbids.
async function shown(page, selector) {
  const until = Date.now() + limit
  while (Date.now() < until) {
    const isThere = await page
      .evaluate((name) => document.querySelector(name)?.checkVisibility() === true, selector)
      .catch(() => false)
    if (isThere) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`${selector} did not appear at ${page.url()}: ${complaints.slice(0, 3)}`)
}

// Runs in the page: whether the video is decoded, as far as its first frame.
async function played() {
  const video = document.querySelector('[data-film] video')
  if (video.readyState < 2) {
    await new Promise((done) => {
      video.addEventListener('loadeddata', done)
      video.addEventListener('error', done)
      video.preload = 'auto'
      video.load()
    })
  }
  return { error: video.error?.message ?? '', width: video.videoWidth, seconds: video.duration }
}
