import * as clientNode from '@kubernetes/client-node';

type Attribute = { name: string; baseName: string; type: string };
type Model = { getAttributeTypeMap(): Attribute[] };

/** What kubernetes-models' own validator has to say; the empty list when the object is sound. It knows types, not unknown fields. */
export function faultsOf(object: { validate(): void }): string[] {
  try {
    object.validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Paths of fields that the model of that name (`V1Pod`) doesn't know: a typing mistake that the API server would drop in silence. */
export function unknownFields(object: object, model: string, path = ''): string[] {
  const type = (clientNode as unknown as Record<string, Model | undefined>)[model];
  if (!type) return []; // a plain value, or a map whose keys are the user's
  const known = type.getAttributeTypeMap();
  return Object.entries(object).flatMap(([name, value]: [string, unknown]) => {
    const attribute = known.find(({ baseName }) => baseName === name);
    const here = path ? `${path}.${name}` : name;
    if (!attribute) return [here];
    const inner = attribute.type.replace(/^Array<(.*)>$/, '$1');
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap(one => (typeof one === 'object' && one !== null ? unknownFields(one as object, inner, here) : []));
  });
}
