import { structuralSchema } from './structural-schema.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { GROUP, KIND, PLURAL, VERSION, mediaClusterSchema } from './v1alpha1.ts';

interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  description?: string;
  /** 0 shows always, 1 with `-o wide`. */
  priority?: number;
}

/** A CustomResourceDefinition, as much of it as ours says. */
export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1';
  kind: 'CustomResourceDefinition';
  metadata: { name: string };
  spec: {
    group: string;
    scope: 'Namespaced';
    names: { kind: string; listKind: string; plural: string; singular: string; shortNames: string[]; categories: string[] };
    versions: [{
      name: string;
      served: true;
      storage: true;
      schema: { openAPIV3Schema: StructuralSchema };
      subresources: { status: object; scale: object };
      additionalPrinterColumns: PrinterColumn[];
    }];
  };
}

const columns: PrinterColumn[] = [
  { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas', description: 'Pods asked for' },
  { name: 'Current', type: 'integer', jsonPath: '.status.replicas', description: 'Pods that exist and stay' },
  { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas', description: 'Pods that are ready' },
  { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', description: 'Reason of the condition Ready' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', description: 'Message of the condition Ready', priority: 1 },
  { name: 'Image', type: 'string', jsonPath: '.spec.image', description: "Image asked for; empty is the operator's default", priority: 1 },
];

/** The CRD of MediaCluster, drawn from its zod schema. */
export function mediaClusterCrd(): CustomResourceDefinition {
  const schema = structuralSchema(mediaClusterSchema);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind: KIND, listKind: `${KIND}List`, plural: PLURAL, singular: KIND.toLowerCase(), shortNames: ['mc'], categories: ['media'] },
      versions: [{
        name: VERSION,
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
        },
        additionalPrinterColumns: columns,
        schema: {
          openAPIV3Schema: {
            description: 'A cluster of mediasoup media nodes that apps use as one.',
            ...schema,
            properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, ...schema.properties },
          },
        },
      }],
    },
  };
}
