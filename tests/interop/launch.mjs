//! Starts the demo and a foreign host beside it, then node's test runner with both in its environment.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {certificate, freePort, startDemo} from './support/demo.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'testamur-interop-'));
const pem = certificate(dir);
const foreign = `https://localhost:${await freePort()}`;
let demo;
try {
  demo = await startDemo({pem, args: ['--allow-fetch-origin', foreign, '--trust-ca', pem.ca]});
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [
      '--test', '--test-reporter', 'spec', ...process.argv.slice(2),
      ...(process.argv.slice(2).some(arg => arg.endsWith('.mjs')) ? [] : TESTS())
    ], {
      stdio: 'inherit', cwd: here,
      env: {
        ...process.env, NODE_EXTRA_CA_CERTS: pem.ca,
        TESTAMUR_URL: demo.url, TESTAMUR_TOKEN: demo.token, TESTAMUR_DATA: demo.data,
        TESTAMUR_INSTITUTIONS: JSON.stringify(demo.institutions),
        TESTAMUR_FOREIGN: foreign, TESTAMUR_FOREIGN_CERT: pem.cert, TESTAMUR_FOREIGN_KEY: pem.key
      }
    });
    child.on('error', reject);
    child.on('exit', status => resolve(status ?? 1));
  });
  if(code !== 0) {
    console.error(`the server said:\n${demo.log().slice(-4000)}`);
  }
  process.exitCode = code;
} finally {
  await demo?.stop();
  rmSync(dir, {recursive: true, force: true});
}

function TESTS() {
  return ['canonical', 'ours', 'theirs', 'tampered', 'verifier-core'].map(name => `${name}.test.mjs`);
}
