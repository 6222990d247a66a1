// Drives the page of examples/call in a headless Chromium, and judges what arrives there. Plain JavaScript, since the
// tools use it as well as the tests; its types are in call-page.d.mts.
import { chromium } from 'playwright-core';

const CONNECT_WITHIN_MS = 45_000; // a second is usual; a machine with ten builds at once has needed thirty
const QUIET_MS = 500;
const ASK_EVERY_MS = 100;
const WINDOW_MS = 3_000;
const SAMPLE_EVERY_MS = 250;
const COLOUR_TOLERANCE = 60; // of 255 in each channel; VP8 at the first low bitrate blurs, and never by that much

/** What a page may send in place of Chromium's fake camera, so that a receiver can tell from whom a picture comes. */
export const MARKS = { red: [220, 40, 50], green: [40, 170, 70], blue: [40, 80, 220], yellow: [225, 190, 40] };

/** One headless Chromium. `origins` are pages on plain http:// that may use the camera all the same. */
export function launchBrowser({ executablePath, origins = [] }) {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      ...(origins.length > 0 ? [`--unsafely-treat-insecure-origin-as-secure=${origins.join(',')}`] : []),
    ],
  });
}

/** Opens the call in a fresh context of `browser`, and resolves when the page has loaded; it may not have joined yet. */
export async function openCall(browser, url, { name = 'Peer', room, mark, still = false, viewport } = {}) {
  const context = await browser.newContext({ viewport: viewport ?? { width: 1280, height: 800 } });
  const page = await context.newPage();
  const call = new CallPage(page, name);
  if (mark) await page.addInitScript(sendMark, { colour: MARKS[mark], still });
  const address = new URL(url);
  address.searchParams.set('name', name);
  if (room) address.searchParams.set('room', room);
  await page.goto(address.href);
  await page.waitForFunction(() => 'call' in window, undefined, { timeout: CONNECT_WITHIN_MS });
  return call;
}

/** One page in the call. */
export class CallPage {
  /** What the page's scripts threw or logged as an error. */
  errors = [];

  constructor(page, name) {
    this.page = page;
    this.name = name;
    page.on('pageerror', error => this.errors.push(error.message));
    page.on('console', message => message.type() === 'error' && this.errors.push(message.text()));
  }

  /** What the page knows of the call at this moment. */
  status() {
    return this.page.evaluate(async () => {
      const { state, me, peers, chat, notices } = window.call;
      return {
        state,
        me,
        peers: [...peers.values()].map(({ id, name, node, paused, consumers }) => ({
          id,
          name,
          node,
          paused,
          producers: Object.fromEntries(Object.entries(consumers).map(([kind, { producerId }]) => [kind, producerId])),
        })),
        chat: chat.map(({ from, text, mine }) => ({ from, text, mine })),
        notices: [...notices],
        stats: await window.call.stats(),
      };
    });
  }

  /** Resolves once the page has joined and both of its transports to the media nodes that are in use are up. */
  async untilConnected({ peers = 0, timeoutMs = CONNECT_WITHIN_MS } = {}) {
    await this.#until(
      `be connected with ${peers} others`,
      async count => {
        const { state, peers: others } = window.call;
        return state === 'connected' && others.size === count && (await window.call.stats()).connections.every(each => each === 'connected' || each === 'new');
      },
      peers,
      timeoutMs,
    );
    return this.status();
  }

  /** Resolves once video frames, audio energy and a path for chat lines are there from `peers` others. */
  async untilMedia({ peers = 1, timeoutMs = CONNECT_WITHIN_MS } = {}) {
    await this.untilConnected({ peers, timeoutMs });
    await this.#until(
      'receive audio, video and chat',
      async () => {
        const { people } = await window.call.stats();
        const videos = [...document.querySelectorAll('.tile:not(.me) video')];
        const listening = [...window.call.peers.values()].every(peer => peer.chat?.readyState === 'open');
        return people.every(({ framesDecoded, audioEnergy }) => framesDecoded > 0 && audioEnergy > 0) && videos.every(video => video.videoWidth > 0) && listening;
      },
      undefined,
      timeoutMs,
    );
  }

  /** Resolves once a further video frame has been decoded and further audio energy has arrived. */
  async untilMoving({ timeoutMs = CONNECT_WITHIN_MS } = {}) {
    const { stats } = await this.status();
    await this.#until(
      'receive anything more',
      async before => {
        const { framesDecoded, audioEnergy } = await window.call.stats();
        return framesDecoded > before.framesDecoded && audioEnergy > before.audioEnergy;
      },
      stats,
      timeoutMs,
    );
  }

  /** Resolves once neither frames nor audio energy have arrived for half a second; what was under way has then been played. */
  async untilQuiet({ timeoutMs = CONNECT_WITHIN_MS } = {}) {
    await this.#until(
      'become quiet',
      async quietMs => {
        const before = await window.call.stats();
        await new Promise(resolve => setTimeout(resolve, quietMs));
        const after = await window.call.stats();
        return after.framesDecoded === before.framesDecoded && after.audioEnergy === before.audioEnergy;
      },
      QUIET_MS,
      timeoutMs,
    );
  }

  /** Looks at what arrives for a while: counters at begin and end, and the pixels of every other person several times between. */
  watch({ windowMs = WINDOW_MS } = {}) {
    return this.page.evaluate(watchMedia, { windowMs, everyMs: SAMPLE_EVERY_MS });
  }

  /** Writes a chat line the way a person does. */
  async say(text) {
    if (await this.page.locator('#chat').isHidden()) await this.page.click('#toggle-chat');
    await this.#until('be able to chat', () => window.call.canChat, undefined, CONNECT_WITHIN_MS);
    await this.page.fill('#text', text);
    await this.page.press('#text', 'Enter');
  }

  /** Resolves with the first line of somebody else that reads `text`. */
  async untilChat(text, { timeoutMs = CONNECT_WITHIN_MS } = {}) {
    await this.#until(`read "${text}"`, wanted => window.call.chat.some(line => !line.mine && line.text === wanted), text, timeoutMs);
    return this.page.evaluate(wanted => window.call.chat.find(line => !line.mine && line.text === wanted), text);
  }

  /** Resolves with the first notice that contains `text`. */
  async untilNotice(text, { timeoutMs = CONNECT_WITHIN_MS } = {}) {
    await this.#until(`be told "${text}"`, wanted => window.call.notices.some(notice => notice.includes(wanted)), text, timeoutMs);
    return this.page.evaluate(wanted => window.call.notices.find(notice => notice.includes(wanted)), text);
  }

  /** Clicks the microphone or the camera on or off. */
  async toggle(what) {
    await this.page.click(`#${what}`);
  }

  /** Closes the page as a person closes a tab. */
  async close() {
    await this.page.context().close();
  }

  /** `false` too while the page is being loaded again. */
  async #holds(condition, argument) {
    try {
      return (await this.page.evaluate(() => 'call' in window)) && (await this.page.evaluate(condition, argument));
    } catch (error) {
      if (/context was destroyed|navigation/i.test(error.message)) return false;
      throw error;
    }
  }

  /** Asks the page until `condition`, which may be asynchronous, holds there. */
  async #until(what, condition, argument, timeoutMs) {
    const endMs = performance.now() + timeoutMs;
    while (!(await this.#holds(condition, argument))) {
      if (performance.now() > endMs) {
        throw new Error(`${this.name} did not ${what} within ${timeoutMs} ms: ${JSON.stringify(await this.status().catch(String))} ${this.errors.join('; ')}`);
      }
      await new Promise(resolve => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}

/** What is wrong with what a page received, in sentences; empty when all is well. `from` gives the mark of each sender by name. */
export function faultsOf({ people }, { from = {}, windowMs = WINDOW_MS } = {}) {
  if (people.length === 0) return ['there is nobody else'];
  return people.flatMap(({ name, framesDecoded, audioEnergy, changes, colour }) => {
    const wanted = MARKS[from[name]];
    return [
      framesDecoded < windowMs / 1000 && `${framesDecoded} video frames of ${name} were decoded in ${windowMs} ms`,
      !(audioEnergy > 0) && `no audio energy of ${name} arrived`,
      changes < 2 && `the picture of ${name} stands still`,
      wanted && colour.some((value, channel) => Math.abs(value - wanted[channel]) > COLOUR_TOLERANCE)
        && `the picture of ${name} has the colour ${colour} and not ${wanted} (${from[name]})`,
    ].filter(Boolean);
  });
}

/** In the page, before its own scripts: a camera that shows one colour, with a bar that moves unless it shall stand `still`. */
function sendMark({ colour, still }) {
  const FRAMES_PER_SECOND = 20;
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async constraints => {
    const stream = constraints.audio ? await open({ audio: constraints.audio }) : new MediaStream();
    if (!constraints.video) return stream;
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const pen = canvas.getContext('2d');
    let step = 0;
    const draw = () => {
      pen.fillStyle = `rgb(${colour})`;
      pen.fillRect(0, 0, 320, 180);
      pen.fillStyle = '#fff';
      pen.fillRect(still ? 150 : (step++ * 6) % 320, 20, 45, 140);
    };
    draw();
    setInterval(draw, 1000 / FRAMES_PER_SECOND); // requestAnimationFrame would rest in a page that is not in front
    for (const track of canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks()) stream.addTrack(track);
    return stream;
  };
}

/** In the page. */
async function watchMedia({ windowMs, everyMs }) {
  const small = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
  const pen = small.getContext('2d', { willReadFrequently: true });
  const pixelsOf = video => {
    if (!video?.videoWidth) return undefined;
    pen.drawImage(video, 0, 0, small.width, small.height);
    return pen.getImageData(0, 0, small.width, small.height).data;
  };
  // Decoding noise of a still picture stays far below this: one pixel in a hundred changed by more than 40 of 255.
  const differ = (one, other) => {
    let changed = 0;
    for (let at = 0; at < one.length; at += 4) {
      if (Math.abs(one[at] - other[at]) + Math.abs(one[at + 1] - other[at + 1]) + Math.abs(one[at + 2] - other[at + 2]) > 40) changed++;
    }
    return changed > one.length / 400;
  };
  const median = (pixels, channel) => Array.from({ length: pixels.length / 4 }, (_, at) => pixels[at * 4 + channel]).sort((a, b) => a - b)[pixels.length >> 3];
  const seen = new Map();
  const before = await window.call.stats();
  for (const end = performance.now() + windowMs; performance.now() < end; await new Promise(resolve => setTimeout(resolve, everyMs))) {
    for (const { id, name, node } of window.call.peers.values()) {
      const person = seen.get(id) ?? { name, node, changes: 0, colour: [0, 0, 0], pixels: undefined };
      const pixels = pixelsOf(document.querySelector(`[data-peer="${id}"] video`));
      if (pixels && person.pixels && differ(pixels, person.pixels)) person.changes++;
      if (pixels) Object.assign(person, { pixels, colour: [0, 1, 2].map(channel => median(pixels, channel)) });
      seen.set(id, person);
    }
  }
  const after = await window.call.stats();
  const received = (id, counter) => {
    const [first, last] = [before, after].map(({ people }) => people.find(person => person.id === id)?.[counter] ?? 0);
    return last - first;
  };
  const people = [...seen].map(([id, { name, node, changes, colour }]) => ({
    name, node, framesDecoded: received(id, 'framesDecoded'), audioEnergy: received(id, 'audioEnergy'), changes, colour,
  }));
  return {
    windowMs,
    framesDecoded: people.reduce((sum, person) => sum + person.framesDecoded, 0),
    audioEnergy: people.reduce((sum, person) => sum + person.audioEnergy, 0),
    node: window.call.me?.node,
    people,
  };
}
