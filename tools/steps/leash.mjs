// Loaded before a program that `startProgram` starts (`node --import`). File descriptor 3 is a pipe that the starter
// holds and never writes to: it closes when the starter is gone, however it went, and then this process ends too.
import { Socket } from 'node:net';

const END_WITHIN_MS = 2_000;

const leash = new Socket({ fd: 3 });
leash.unref();
leash.resume();
leash.on('error', () => {});
leash.on('close', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_WITHIN_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
