/** What a signal ends. */
export interface Stoppable {
  /** Tells the clients, ends what runs, and resolves when nothing is left. */
  stop(reason: string): Promise<void>;
}

/* v8 ignore next -- ends the process that would measure it; the test of the program sees its exit codes */
const exitProcess = (code: number): never => process.exit(code);

/**
 * The first SIGTERM or SIGINT ends the node in order, a second one at once. To be called before mediasoup makes its first
 * worker: each of them closes itself on these signals, and the clients are to hear of the leave before they hear of that.
 *
 * @returns takes the listeners away again
 */
export function stopOnSignal(node: Stoppable, { process: target = process, exit = exitProcess, onError = () => {} }: {
  readonly process?: Pick<NodeJS.Process, 'on' | 'off'>;
  readonly exit?: (code: number) => void;
  readonly onError?: (error: unknown) => void;
} = {}): () => void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      exit(1);
      return;
    }
    stopping = true;
    node.stop(signal).then(() => exit(0), error => {
      onError(error);
      exit(1);
    });
  };
  target.on('SIGTERM', onSignal);
  target.on('SIGINT', onSignal);
  return () => {
    target.off('SIGTERM', onSignal);
    target.off('SIGINT', onSignal);
  };
}
