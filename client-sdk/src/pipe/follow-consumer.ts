import createDebug from 'debug';
import type { Consumer, DataConsumer, DataProducer, Producer } from 'mediasoup/types';

const log = createDebug('mediacluster:pipe');

// The first call may be lost with the link to the node; the second one waits for the link to come back.
const TRIES = 2;

/**
 * Ties the two ends of one piped stream: pausing, resuming and closing travel from the consumer to the producer in the other router,
 * closing travels back.
 */
export function followConsumer(consumer: Consumer, producer: Producer): void {
  closeTogether(consumer, producer);
  const follow = (): void => void passState(consumer, producer);
  consumer.observer.on('pause', follow);
  consumer.observer.on('resume', follow);
}

/** As `followConsumer()`, for data: mediasoup lets only closing travel there, since a paused DataProducer sends nothing into the pipe. */
export function followDataConsumer(consumer: DataConsumer, producer: DataProducer): void {
  closeTogether(consumer, producer);
}

interface End {
  readonly observer: { on(event: 'close', listener: () => void): unknown };
  close(): void;
}

function closeTogether(consumer: End, producer: End): void {
  consumer.observer.on('close', () => producer.close());
  producer.observer.on('close', () => consumer.close());
}

async function passState(consumer: Consumer, producer: Producer): Promise<void> {
  for (let tried = 0; tried < TRIES && !producer.closed; tried++) {
    try {
      // Read anew at each try: calls reach the node in order, so the last one must carry the last state.
      await (consumer.paused || consumer.producerPaused ? producer.pause() : producer.resume());
      return;
    } catch (error) {
      log('piped producer %s did not follow its consumer: %s', producer.id, error);
    }
  }
}
