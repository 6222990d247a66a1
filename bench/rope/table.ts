/** One line of the table: what was measured, and what was wished for. */
export interface Row {
  readonly measure: string;
  /** In words, with units: of this machine. */
  readonly measured: string;
  /** What is held against the target: mostly a ratio. */
  readonly value: number;
  readonly target: Target;
}

export type Target = { readonly atMost: number; readonly unit?: string } | { readonly atLeast: number; readonly unit?: string };

/** One part of the table. */
export interface Section {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** `met`, or what is missing, in hundredths of the target. */
export function verdict({ value, target }: Row): string {
  const missing = 'atMost' in target ? value / target.atMost - 1 : 1 - value / target.atLeast;
  return missing <= 0 ? 'met' : `short by ${percent(missing)}`;
}

/** The table as text. */
export function format(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ name, rows }) => [[name, '', '', '', ''], ...rows.map(row => [`  ${row.measure}`, row.measured, shown(row.value, row.target), wished(row.target), verdict(row)])]);
  const all = [['measure', 'measured', 'value', 'target', ''], ...lines];
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(line => line[column]!.length)));
  return all.map(([measure, measured, value, target, met]) =>
    [measure!.padEnd(widths[0]!), measured!.padEnd(widths[1]!), value!.padStart(widths[2]!), target!.padStart(widths[3]!), met].join('  ').trimEnd()).join('\n');
}

/** The table as it stands in `docs/speed.md`. */
export function markdown(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ name, rows }) => [`| **${name}** | | | | |`, ...rows.map(row => `| ${row.measure} | ${row.measured} | ${shown(row.value, row.target)} | ${wished(row.target)} | ${verdict(row)} |`)]);
  return ['| measure | measured here | value | target | |', '|---|---|---:|---:|---|', ...lines].join('\n');
}

/** A number with as many digits as say something. */
export function digits(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function shown(value: number, { unit = '×' }: Target): string {
  return `${digits(value)} ${unit}`;
}

function wished(target: Target): string {
  const { unit = '×' } = target;
  return 'atMost' in target ? `≤ ${target.atMost.toLocaleString('en')} ${unit}` : `≥ ${target.atLeast.toLocaleString('en')} ${unit}`;
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(share * 100))} %`;
}
