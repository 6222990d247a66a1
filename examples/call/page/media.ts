/** Camera and microphone, or what of them there is. `problem` says in a sentence what is missing, and what to do. */
export async function openMedia(): Promise<{ stream: MediaStream; problem?: string }> {
  if (!navigator.mediaDevices) {
    return { stream: new MediaStream(), problem: 'You can watch and listen only: browsers open cameras on https:// pages and on localhost alone.' };
  }
  const video = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30 }, facingMode: 'user' };
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ audio: true, video }) };
  } catch {
    // Perhaps one of the two is missing, or taken by another program.
  }
  for (const [wanted, missing] of [[{ audio: true }, 'camera'], [{ video }, 'microphone']] as const) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      return { stream, problem: `The ${missing} can't be opened: allow it in the browser, or plug one in, and reload.` };
    } catch {
      // On to the next.
    }
  }
  return { stream: new MediaStream(), problem: 'You can watch and listen only: neither camera nor microphone can be opened. Allow them and reload.' };
}
