import type { Call, RemotePeer } from './call.ts';
import { icon, type IconName } from './icons.ts';

const TOAST_MS = 7_000;
const COPIED_MS = 2_000;
const HUES = [255, 165, 35, 325, 205, 90];

interface Tile {
  element: HTMLElement;
  video: HTMLVideoElement;
}

/** Draws a call into index.html, and turns clicks into its methods. `render()` may be called at any time, and often. */
export class View {
  #call: Call;
  #name: string;
  #local: MediaStream;
  #tiles = new Map<string, Tile>();
  /** All nodes of the call in one order, which is the same on every page: a node's place in it is its colour. */
  #nodes: string[] = [];
  #told = 0;
  #read = 0;

  constructor({ call, name, room, local }: { call: Call; name: string; room: string; local: MediaStream }) {
    this.#call = call;
    this.#name = name;
    this.#local = local;
    byId('room').textContent = room;
    document.title = `${name} in ${room} · MediaCluster call`;
    byId('chat').hidden = innerWidth < 1000;
    new ResizeObserver(() => this.#arrange()).observe(byId('tiles'));
    button('copy', 'link', 'Copy link').addEventListener('click', () => void this.#copyLink());
    button('leave', 'leave').addEventListener('click', () => (call.state === 'left' ? location.reload() : call.leave()));
    button('microphone', 'microphone').addEventListener('click', () => void call.setMuted('audio', !call.muted.audio));
    button('camera', 'camera').addEventListener('click', () => void call.setMuted('video', !call.muted.video));
    button('toggle-chat', 'chat').addEventListener('click', () => {
      byId('chat').hidden = !byId('chat').hidden;
      this.render();
    });
    const text = document.querySelector<HTMLInputElement>('#text');
    const form = byId('write');
    form.querySelector('button')?.insertAdjacentHTML('afterbegin', icon('send'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      if (text?.value.trim() && call.say(text.value.trim())) text.value = '';
    });
  }

  /** Shows a sentence for some seconds. */
  toast(sentence: string): void {
    const toast = document.createElement('p');
    toast.textContent = sentence;
    byId('toasts').append(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
  }

  render(): void {
    const { state, me, peers, muted, notices } = this.#call;
    this.#nodes = [...new Set([me?.node ?? '', ...[...peers.values()].map(({ node }) => node)])].sort();
    document.body.dataset.state = state;
    byId('state').textContent = { joining: 'Joining …', connected: 'Connected', left: 'You left' }[state];
    this.#renderTiles([...peers.values()]);
    this.#renderWhere([...peers.values()]);
    this.#renderChat();
    mute('microphone', muted.audio, 'microphone', this.#local.getAudioTracks().length > 0);
    mute('camera', muted.video, 'camera', this.#local.getVideoTracks().length > 0);
    const leave = byId('leave');
    leave.title = state === 'left' ? 'Join again' : 'Leave the call';
    leave.setAttribute('aria-label', leave.title);
    for (const notice of notices.slice(this.#told)) this.toast(notice);
    this.#told = notices.length;
  }

  #renderTiles(peers: RemotePeer[]): void {
    const { me, muted, state } = this.#call;
    const noCamera = this.#local.getVideoTracks().length === 0;
    const shown = new Set(['me']);
    this.#renderTile('me', { name: this.#name, node: me?.node, stream: this.#local, dark: muted.video || noCamera, silent: muted.audio });
    for (const { id, name, node, stream, consumers, paused } of peers) {
      shown.add(id);
      this.#renderTile(id, { name, node, stream, dark: paused.video || !consumers.video, silent: paused.audio || !consumers.audio });
    }
    for (const [id, tile] of this.#tiles) {
      if (shown.has(id)) continue;
      tile.element.remove();
      this.#tiles.delete(id);
    }
    const tiles = byId('tiles');
    const alone = peers.length === 0 && state === 'connected';
    tiles.classList.toggle('alone', alone);
    this.#arrange();
  }

  /** Gives the tiles the number of columns that makes them largest, between 4:3 and 16:9. */
  #arrange(): void {
    const tiles = byId('tiles');
    const count = this.#tiles.size + Number(tiles.classList.contains('alone'));
    const gap = Number.parseFloat(getComputedStyle(tiles).gap) || 0;
    let best = { width: 0, height: 0 };
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns);
      const room = { width: (tiles.clientWidth - gap * (columns - 1)) / columns, height: (tiles.clientHeight - gap * (rows - 1)) / rows };
      const width = Math.floor(Math.min(room.width, (room.height * 16) / 9));
      const height = Math.floor(Math.min(room.height, (width * 3) / 4));
      if (width * height > best.width * best.height) best = { width, height };
    }
    tiles.style.setProperty('--width', `${best.width}px`);
    tiles.style.setProperty('--height', `${best.height}px`);
  }

  #renderTile(id: string, is: { name: string; node: string | undefined; stream: MediaStream; dark: boolean; silent: boolean }): void {
    const { element, video } = this.#tiles.get(id) ?? this.#addTile(id, is.name);
    if (video.srcObject !== is.stream) video.srcObject = is.stream;
    element.classList.toggle('dark', is.dark);
    element.classList.toggle('silent', is.silent);
    const badge = element.querySelector<HTMLElement>('.badge');
    if (badge) badge.hidden = !is.node;
    this.#setNode(badge, is.node);
  }

  #addTile(id: string, name: string): Tile {
    const element = document.createElement('figure');
    element.className = id === 'me' ? 'tile me' : 'tile';
    element.dataset.peer = id;
    element.innerHTML = `<video autoplay playsinline></video><div class="avatar"></div>
      <figcaption><span class="off">${icon('microphoneOff')}</span><b></b><span class="badge">${icon('node')}<span></span></span></figcaption>`;
    const [video, avatar, label] = [element.querySelector('video'), element.querySelector<HTMLElement>('.avatar'), element.querySelector('b')];
    if (!video || !avatar || !label) throw new Error('the tile has lost a part');
    video.muted = id === 'me'; // nobody wants to hear themselves
    avatar.textContent = Array.from(name)[0]?.toUpperCase() ?? '?';
    avatar.style.setProperty('--hue', String(hueOf(name)));
    label.textContent = id === 'me' ? `${name} (you)` : name;
    byId('tiles').append(element);
    const tile = { element, video };
    this.#tiles.set(id, tile);
    return tile;
  }

  /** "Ada on node-1 — pipe — Blaise on node-2" */
  #renderWhere(peers: RemotePeer[]): void {
    const { me } = this.#call;
    const where = byId('where');
    const people = me ? [{ name: this.#name, node: me.node }, ...peers] : [];
    where.replaceChildren(
      ...people.flatMap(({ name, node }, index) => {
        const person = document.createElement('span');
        person.className = 'stop';
        person.innerHTML = '<b></b> on <span class="badge"><span></span></span>';
        const [label, badge] = [person.querySelector('b'), person.querySelector<HTMLElement>('.badge')];
        if (label) label.textContent = name;
        this.#setNode(badge, node);
        if (index === 0) return [person];
        const pipe = document.createElement('i');
        pipe.textContent = 'piped';
        return [pipe, person];
      }),
    );
  }

  #setNode(badge: HTMLElement | null, node = ''): void {
    const label = badge?.querySelector(':scope > span');
    if (!badge || !label) return;
    label.textContent = node;
    badge.style.setProperty('--hue', String(HUES[this.#nodes.indexOf(node) % HUES.length]));
  }

  #renderChat(): void {
    const { chat } = this.#call;
    const [lines, hidden] = [byId('lines'), byId('chat').hidden];
    for (const { from, text, mine } of chat.slice(lines.childElementCount)) {
      const line = document.createElement('li');
      line.className = mine ? 'mine' : '';
      const [who, what] = [document.createElement('b'), document.createElement('span')];
      who.textContent = from;
      what.textContent = text;
      line.append(who, what);
      lines.append(line);
      lines.scrollTop = lines.scrollHeight;
    }
    if (!hidden) this.#read = chat.length;
    byId('toggle-chat').setAttribute('aria-pressed', String(!hidden));
    byId('toggle-chat').classList.toggle('unread', chat.length > this.#read);
  }

  async #copyLink(): Promise<void> {
    const label = byId('copy').querySelector('span');
    const link = new URL(location.href);
    link.searchParams.delete('name');
    await navigator.clipboard.writeText(link.href).catch(() => this.toast(`The link is ${link.href}`));
    if (!label) return;
    label.textContent = 'Copied';
    setTimeout(() => (label.textContent = 'Copy link'), COPIED_MS);
  }
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

function button(id: string, name: IconName, label = ''): HTMLElement {
  byId(id).innerHTML = `${icon(name)}<span>${label}</span>`;
  return byId(id);
}

function mute(id: 'microphone' | 'camera', off: boolean, what: string, there: boolean): void {
  const element = byId(id);
  const pressed = String(off);
  if (element.getAttribute('aria-pressed') !== pressed) {
    button(id, off ? `${id}Off` : id);
    element.setAttribute('aria-pressed', pressed);
    element.title = off ? `Turn the ${what} on` : `Turn the ${what} off`;
    element.setAttribute('aria-label', element.title);
  }
  element.toggleAttribute('disabled', !there);
}

function hueOf(text: string): number {
  let hash = 0;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 360;
  return hash;
}
