//! What the launcher tells the tests: where the server is, its token, its institutions, its folder, the foreign host.
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The repository's root. */
export const root = resolve(here, '../../..');

/** `shared/`: worked examples and official vectors, beside the checkout. */
export const shared = process.env.TESTAMUR_SHARED ?? resolve(root, '../shared');

/** Reads a JSON file. */
export const json = path => JSON.parse(readFileSync(path, 'utf8'));

/** True when `shared/PATH` is there; says so by name when it is not. */
export function haveShared(...path) {
  const wanted = join(shared, ...path);
  if(existsSync(wanted)) {
    return true;
  }
  console.error(`skipped: ${wanted} is not there`);
  return false;
}

/** The signed example documents, `[name, document]`; empty (and said) without `shared/`. */
export function examples() {
  if(!haveShared('examples')) {
    return [];
  }
  const dir = join(shared, 'examples');
  return readdirSync(dir).filter(name => /^\d\d-.*\.json$/.test(name)).sort()
    .map(name => [name, json(join(dir, name))]).filter(([, document]) => document.proof);
}

/** The running server; throws when the tests were started without the launcher. */
export function server() {
  const {TESTAMUR_URL, TESTAMUR_TOKEN, TESTAMUR_DATA, TESTAMUR_INSTITUTIONS, TESTAMUR_FOREIGN} = process.env;
  if(!TESTAMUR_URL) {
    throw new Error('start these tests with tests/interop/run');
  }
  return {
    url: TESTAMUR_URL, token: TESTAMUR_TOKEN, data: TESTAMUR_DATA, foreign: TESTAMUR_FOREIGN,
    institutions: JSON.parse(TESTAMUR_INSTITUTIONS)
  };
}

/** The credentials the demo left behind, `[name, document]`. */
export function demoCredentials() {
  const dir = join(server().data, 'demo');
  return readdirSync(dir).filter(name => name.endsWith('.json')).sort()
    .map(name => [name, json(join(dir, name))]);
}

/** A JSON request to the server; resolves to `{status, body, headers}`. */
export async function call(method, path, body, {token = server().token, headers = {}} = {}) {
  let response;
  for(;;) {
    response = await fetch(path.startsWith('http') ? path : `${server().url}${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
        ...(token ? {Authorization: `Bearer ${token}`} : {}),
        ...headers
      },
      body: body === undefined ? undefined : JSON.stringify(body)
    });
    if(response.status !== 429) {
      break;
    }
    await response.arrayBuffer();
    await new Promise(resolve => setTimeout(resolve, 1000 * Number(response.headers.get('retry-after') ?? 1)));
  }
  const text = await response.text();
  let parsed = text;
  if((response.headers.get('content-type') ?? '').includes('json')) {
    parsed = JSON.parse(text);
  }
  return {status: response.status, body: parsed, headers: response.headers};
}

/** Our verdict over a credential: `{ok, status, body}`. */
export async function ours(verifiableCredential, options) {
  const {status, body} = await call('POST', '/credentials/verify', {verifiableCredential, options}, {token: null});
  return {ok: status === 200 && body.verified === true, status, body};
}

/** Issues `credential` as the demo's token may; throws with the problem when it is refused. */
export async function issue(credential, options) {
  const {status, body} = await call('POST', '/credentials/issue', {credential, options});
  if(status !== 201) {
    throw new Error(`refused with ${status}: ${JSON.stringify(body)}`);
  }
  return body.verifiableCredential;
}
