export function build(options: { root: string; log: ((line: string) => void) & { update(text: string): void }; target?: 'start' | 'all' }): Promise<void>;
export function isBuilt(root: string, target?: 'start' | 'all'): boolean;
