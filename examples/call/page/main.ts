import { Call, type CallStats } from './call.ts';
import { openMedia } from './media.ts';
import { View } from './view.ts';

declare global {
  interface Window {
    /** What a test, or a curious person at the console, may ask this page. */
    call: Call & { stats(): Promise<CallStats> };
  }
}

const NAMES = ['Ada', 'Blaise', 'Claude', 'Dorothy', 'Edsger', 'Frances', 'Grace', 'Hedy', 'Ivan', 'Joan', 'Kurt', 'Linus'];

const query = new URL(location.href).searchParams;
const room = query.get('room') ?? 'lobby';
// A reload keeps the name; another tab gets another one.
const name = query.get('name') ?? sessionStorage.getItem('name') ?? NAMES[Math.floor(Math.random() * NAMES.length)] ?? 'Guest';
sessionStorage.setItem('name', name);

const { stream, problem } = await openMedia();
const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/?room=${encodeURIComponent(room)}`;
const call: Call = new Call({ url, name, local: stream, changed: () => view.render() });
const view: View = new View({ call, name, room, local: stream });
window.call = call;
if (problem) view.toast(problem);
view.render();
await call.join();
