/**
 * The names of what the mirrors tell each other. They are symbols, so that an app that looks at an object finds mediasoup's own
 * members and nothing else: `client-sdk/test/members.ts` compares them.
 */

/** The node's number for the object. */
export const objectId: unique symbol = Symbol('objectId');
/** The object's WorkerLink. */
export const link: unique symbol = Symbol('link');
/** The replica's state; the contract's class table says which getters it has. */
export const state: unique symbol = Symbol('state');
/** Changes the state where the app decides and not the node. */
export const setState: unique symbol = Symbol('setState');
/** Puts in the app's own `appData`, without telling anybody. */
export const giveAppData: unique symbol = Symbol('giveAppData');

/** A call on the object. */
export const request: unique symbol = Symbol('request');
/** A call that creates a child. */
export const create: unique symbol = Symbol('create');
/** Tells the node that the app has closed the object. */
export const leave: unique symbol = Symbol('leave');
/** Media or a message, for which no answer is awaited. */
export const post: unique symbol = Symbol('post');

/** Emits on the object. */
export const tell: unique symbol = Symbol('tell');
/** Emits on the observer, if anybody has ever asked for it. */
export const tellObserver: unique symbol = Symbol('tellObserver');

/** The node pushed an event. */
export const pushed: unique symbol = Symbol('pushed');
/** Getters changed, with an answer or while the link was broken. */
export const patched: unique symbol = Symbol('patched');
/** An object below this one is there: the mirror that is made of it. */
export const appeared: unique symbol = Symbol('appeared');
/** The object above. */
export const parent: unique symbol = Symbol('parent');
/** Whether a transport's router has an open producer, or data producer, of this id. */
export const hasSource: unique symbol = Symbol('hasSource');
/** A child is closed: the parent strikes it off its lists, before anybody is told. */
export const childEnded: unique symbol = Symbol('childEnded');

/** Closes on this side: state and children first, then the object's own events, then the observer's. */
export const end: unique symbol = Symbol('end');
/** The node says that the object is closed, or it was missing after a reconnect. */
export const endedByNode: unique symbol = Symbol('endedByNode');
/** The parent took it along. */
export const endedByParent: unique symbol = Symbol('endedByParent');
/** What mediasoup changes in its getters when the object closes. */
export const closeState: unique symbol = Symbol('closeState');
/** Tells the children, in creation order. */
export const closeChildren: unique symbol = Symbol('closeChildren');

/** A worker closes without a `died`. */
export const left: unique symbol = Symbol('left');
/** A worker is gone: `died`. */
export const lost: unique symbol = Symbol('lost');
/** A transport of a WebRtcServer was closed by itself. */
export const unhandle: unique symbol = Symbol('unhandle');
/** The last part of `consume()`. */
export const consumeProducer: unique symbol = Symbol('consumeProducer');
/** What the last word of a contract's methods is put behind: `producer` of `producer.pause`. */
export const family: unique symbol = Symbol('family');
