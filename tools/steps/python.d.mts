type Python = { path: string; packages: string; reason?: undefined } | { path?: undefined; packages?: undefined; reason: string };

export function findPython(options: { root: string; env?: NodeJS.ProcessEnv }): Python;
export function providePython(options: {
  root: string;
  log: ((line: string) => void) & { update(text: string): void };
  env?: NodeJS.ProcessEnv;
}): Promise<Python>;
