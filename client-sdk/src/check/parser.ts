/** The one file that knows the parser; `build.mjs` bundles it, so that an app's installation does not carry it. */
export { parse } from '@babel/parser';
