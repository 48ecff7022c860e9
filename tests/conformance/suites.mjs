//! Which suite asks for which endpoints and tags. One row a suite; adding a suite is adding a row.

/** Settings for a run against `url` as the institution `did`; `headers` carries the bearer token. */
export function suites({url, did, headers}) {
  const at = (path, tags, more = {}) => ({id: did, endpoint: `${url}${path}`, headers, tags, ...more});
  const issuer = (tags, more) => at('/credentials/issue', tags, more);
  const verifier = (tags, more) => at('/credentials/verify', tags, more);
  const vc = ['1.1', '2.0'];
  return [
    {
      folder: 'vc-data-model-2.0-test-suite',
      issuers: [issuer(['vc2.0'])],
      verifiers: [verifier(['vc2.0'])],
      vpVerifiers: [at('/presentations/verify', ['vc2.0'])]
    },
    {
      folder: 'vc-di-eddsa-test-suite',
      issuers: [
        issuer(['eddsa-rdfc-2022'], {supports: {vc}, options: {cryptosuite: 'eddsa-rdfc-2022'}}),
        issuer(['eddsa-jcs-2022'], {supports: {vc}, options: {cryptosuite: 'eddsa-jcs-2022'}})
      ],
      verifiers: [verifier(['eddsa-rdfc-2022', 'eddsa-jcs-2022'], {supports: {vc}})]
    },
    {
      // Its positive vectors name an issuer who is not the key's controller, and are posted without options:
      // the query says what the other suites say in `options.checks`.
      folder: 'vc-di-ecdsa-test-suite',
      verifiers: [at('/credentials/verify?checks=proof', ['ecdsa-rdfc-2019'],
        {supports: {vc}, supportedEcdsaKeyTypes: ['P-256', 'P-384']})]
    },
    {
      folder: 'vc-bitstring-status-list-test-suite',
      issuers: [issuer(['BitstringStatusList'])],
      verifiers: [verifier(['BitstringStatusList'])]
    },
    {folder: 'vc-api-issuer-test-suite', issuers: [issuer(['vc-api'])]},
    {folder: 'vc-api-verifier-test-suite', verifiers: [verifier(['vc-api'])]},
    {folder: 'did-key-test-suite', didResolvers: [at('/1.0/identifiers', ['did-key'])]}
  ];
}
