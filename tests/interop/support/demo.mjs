//! Starts `testamur demo` over https on a free loopback port with a fresh folder and a throw-away certificate.
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import https from 'node:https';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A port nobody listens on at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Makes a throw-away authority and a certificate of its for localhost in `dir` (an authority's own certificate is no
 * server's to strict clients); returns the paths `{ca, cert, key}`.
 */
export function certificate(dir) {
  const at = name => join(dir, name);
  const openssl = (...args) => execFileSync('openssl', args, {stdio: ['ignore', 'ignore', 'pipe']});
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca-key.pem'), '-out', at('ca.pem'), '-subj', '/CN=Testamur tests',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
  openssl('req', '-x509', ...newKey, '-keyout', at('key.pem'), '-out', at('cert.pem'), '-subj', '/CN=localhost',
    '-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-addext', 'basicConstraints=critical,CA:FALSE',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  return {ca: at('ca.pem'), cert: at('cert.pem'), key: at('key.pem')};
}

/** GET that trusts `ca`; resolves to the status, or to 0 when nobody answers. */
function probe(url, ca) {
  return new Promise(resolve => {
    const request = https.get(url, {ca, timeout: 2000}, response => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(0));
  });
}

/**
 * Starts the demo and waits until it is ready.
 *
 * @returns {Promise<{url, token, institutions, data, ca, log, stop}>} `institutions` maps slug to DID, `data` is
 *   the store's folder, `log` the server's output so far, `stop` ends the server and removes the folder.
 */
export async function startDemo({
  binary = process.env.TESTAMUR_BIN ?? 'target/release/testamur', args = [], timeout = 60_000, pem
} = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'testamur-demo-'));
  const {ca, cert, key} = pem ?? certificate(dir);
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const data = join(dir, 'data');
  const child = spawn(binary, [
    'demo', '--listen', `127.0.0.1:${port}`, '--data', data, '--public-url', url,
    '--tls-cert', cert, '--tls-key', key, ...args
  ], {stdio: ['ignore', 'pipe', 'pipe'], cwd: dir});
  let output = '';
  let ended = null;
  child.stdout.on('data', chunk => output += chunk);
  child.stderr.on('data', chunk => output += chunk);
  child.on('error', error => ended = error.message);
  child.on('exit', (code, signal) => ended ??= `ended with ${signal ?? code}`);
  const stop = async () => {
    if(ended === null) {
      const gone = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(force);
    }
    rmSync(dir, {recursive: true, force: true});
  };

  const trusted = readFileSync(ca);
  const tokenFile = join(data, 'demo-token');
  const institutionsFile = join(data, 'demo-institutions.json');
  const until = Date.now() + timeout;
  for(;;) {
    if(ended !== null || Date.now() > until) {
      const reason = ended ?? `not ready after ${timeout} ms`;
      await stop();
      throw new Error(`testamur demo: ${reason}\n${output}`);
    }
    if(existsSync(tokenFile) && existsSync(institutionsFile) && await probe(`${url}/readyz`, trusted) === 200) {
      break;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  const raw = JSON.parse(readFileSync(institutionsFile, 'utf8'));
  const institutions = Object.fromEntries(
    Object.entries(raw).map(([slug, value]) => [slug, typeof value === 'string' ? value : value.did]));
  if(process.env.TESTAMUR_DEMO_LOG) {
    writeFileSync(process.env.TESTAMUR_DEMO_LOG, output);
  }
  return {
    url, token: readFileSync(tokenFile, 'utf8').trim(), institutions, data, ca,
    log: () => output, stop
  };
}
