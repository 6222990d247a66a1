/** The Service of a MediaCluster has its name; the SDK finds the nodes by it. */
export function serviceName(clusterName: string): string {
  return clusterName;
}

/** The ServiceAccount of the pods. Not the cluster's bare name: an app of the same name would likely want that for itself. */
export function serviceAccountName(clusterName: string): string {
  return `${clusterName}-node`;
}

/** The Secret whose key `token` lets an app in. */
export function authSecretName(clusterName: string): string {
  return `${clusterName}-auth`;
}

/** The pod of an ordinal: `calls-0`. A pod that goes comes back under its name. */
export function podName(clusterName: string, ordinal: number): string {
  return `${clusterName}-${ordinal}`;
}

/** The ordinal in the name of a pod of that cluster; `undefined` for any other name. */
export function ordinalOf(clusterName: string, name: string): number | undefined {
  if (!name.startsWith(`${clusterName}-`)) return undefined;
  const digits = name.slice(clusterName.length + 1);
  return /^(0|[1-9]\d{0,8})$/.test(digits) ? Number(digits) : undefined;
}
