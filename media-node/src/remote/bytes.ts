/** mediasoup asks for a Buffer. The bytes are not copied: mediasoup does so itself before it returns. */
export function bufferOf(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** A message as mediasoup takes it, which tells text from bytes; with neither, mediasoup says what is wrong. */
export function messageOf({ data, text }: { readonly data?: Uint8Array | undefined; readonly text?: string | undefined }): string | Buffer {
  return data ? bufferOf(data) : text as string;
}
