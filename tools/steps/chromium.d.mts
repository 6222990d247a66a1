export function findChromium(env?: NodeJS.ProcessEnv): string | undefined;
export function provideChromium(options: {
  log: ((line: string) => void) & { update(text: string): void };
  env?: NodeJS.ProcessEnv;
}): Promise<{ path: string; reason?: undefined } | { path?: undefined; reason: string }>;
