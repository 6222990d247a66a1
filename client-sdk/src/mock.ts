export { RemoteMediasoupClientMock } from './local/mock.ts';
export type { RemoteMediasoupClientEvents, RemoteMediasoupClientOptions } from './remote/remote-client.ts';
