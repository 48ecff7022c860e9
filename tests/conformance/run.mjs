//! Starts the demo, configures each suite found, runs it with mocha's JSON reporter and prints the counts.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {startDemo} from '../interop/support/demo.mjs';
import {suites} from './suites.mjs';

const [dir, ...only] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'testamur-conformance-'));
const outside = process.env.TESTAMUR_URL;
const demo = outside ? {
  url: outside, token: process.env.TESTAMUR_TOKEN ?? '', ca: process.env.TESTAMUR_CA,
  institutions: {conformance: process.env.TESTAMUR_DID}, stop: async () => {}
} : await startDemo();

const did = demo.institutions.conformance;
const rows = suites({url: demo.url, did, headers: {Authorization: `Bearer ${demo.token}`}});
const total = {passed: 0, failed: 0, pending: 0, missing: 0};
try {
  console.log(`${demo.url} as ${did}\n`);
  for(const {folder, ...endpoints} of rows) {
    if(only.length && !only.some(name => folder.includes(name))) {
      continue;
    }
    const root = join(dir, folder);
    if(!existsSync(join(root, 'node_modules'))) {
      console.log(`${folder}: not found, or not installed`);
      total.missing++;
      continue;
    }
    const {passed, failed, pending, failures, note} = run({root, folder, endpoints});
    console.log(`${folder}: ${passed} passed, ${failed} failed, ${pending} pending${note}`);
    for(const {title, message} of failures) {
      console.log(`  ✗ ${title}\n      ${message}`);
    }
    total.passed += passed;
    total.failed += failed;
    total.pending += pending;
  }
} finally {
  await demo.stop();
  rmSync(work, {recursive: true, force: true});
}
console.log(`\n${total.pending} pending, ${total.missing} suites not found`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.missing > 0 || total.passed === 0 ? 1 : 0;

function run({root, folder, endpoints}) {
  const config = {
    settings: {enableInteropTests: false, testAllImplementations: false},
    implementations: [{name: 'Testamur', implementation: 'Testamur', ...endpoints}]
  };
  // stays behind: without it a suite turns to the implementations of others
  writeFileSync(join(root, 'localConfig.cjs'), `module.exports = ${JSON.stringify(config, null, 2)};\n`, {mode: 0o600});
  const report = join(work, `${folder}.json`);
  const {status, stdout, stderr} = spawnSync(process.execPath, [
    join('node_modules', 'mocha', 'bin', 'mocha.js'), 'tests/', '--no-config', '--no-package', '--no-color',
    '--reporter', 'json', '--reporter-option', `output=${report}`, '--timeout', '20000', '--preserve-symlinks', '--exit'
  ], {
    cwd: root, encoding: 'utf8', maxBuffer: 1 << 28,
    env: {...process.env, NODE_EXTRA_CA_CERTS: demo.ca, NODE_NO_WARNINGS: '1'}
  });
  if(process.env.CONFORMANCE_LOGS) {
    writeFileSync(join(process.env.CONFORMANCE_LOGS, `${folder}.log`), stdout + stderr);
  }
  if(!existsSync(report)) {
    const last = `${stderr}${stdout}`.trim().split('\n').slice(-12).join('\n      ');
    return {passed: 0, failed: 1, pending: 0, note: '', failures: [{title: `did not run (exit ${status})`, message: last}]};
  }
  const {stats, failures} = JSON.parse(readFileSync(report, 'utf8'));
  const names = failures.map(test => ({title: test.fullTitle, message: firstLine(test.err)}));
  // mocha loads nothing and is content: a suite that ran no test has not passed
  const empty = stats.passes + stats.failures === 0;
  if(empty) {
    names.push({title: 'no test ran', message: 'is the configuration of this suite still right?'});
  }
  return {
    passed: stats.passes, failed: stats.failures + (empty ? 1 : 0), pending: stats.pending, failures: names,
    note: ` of ${stats.tests}`
  };
}

function firstLine({message = '', expected, actual} = {}) {
  const line = message.split('\n')[0];
  const both = expected !== undefined && actual !== undefined ? ` (expected ${expected}, got ${actual})` : '';
  return `${line}${line.includes('got ') ? '' : both}`.slice(0, 300);
}
