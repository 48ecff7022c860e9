//! Small documents that lean on one corner of JSON-LD each. Unsigned; every value invented.

const v2 = 'https://www.w3.org/ns/credentials/v2';
const examples = 'https://www.w3.org/ns/credentials/examples/v2';
const base = (more, ...contexts) => ({
  '@context': [v2, ...contexts], type: ['VerifiableCredential'], issuer: 'did:example:issuer',
  credentialSubject: {id: 'did:example:subject'}, ...more
});

/** `[name, document, except]`: documents every implementation should read alike. `except` says where the document
 *  ends: `oracle` = not in credentials (an id that is no URL, a second name for type), `ours` = their verifier gives up on it. */
export const GENERIC = [
  ['plain', base({})],
  ['no subject id', base({credentialSubject: {name: 'Nguyễn Thị Ánh'}})],
  ['two subjects', base({credentialSubject: [{id: 'did:example:a', name: 'ສົມສັກ'}, {id: 'did:example:b', name: '李小明'}]})],
  ['language', base({name: {'@value': 'Bằng tốt nghiệp', '@language': 'vi'}})],
  ['languages', base({description: [{'@value': 'Dog', '@language': 'en'}, {'@value': 'Chien', '@language': 'FR'}]})],
  ['direction', base({name: {'@value': 'شهادة', '@language': 'ar', '@direction': 'rtl'}})],
  ['direction without language', base({name: {'@value': 'x', '@direction': 'ltr'}})],
  ['issuer names', base({issuer: {id: 'did:example:i', name: [{'@value': 'Dog', '@language': 'en'}, 'Hund']}})],
  ['vocab', base({credentialSubject: {id: 'did:example:s', alumniOf: 'School', degree: {type: 'Bachelor', level: 6}}}, examples)],
  ['inline term', base({type: ['VerifiableCredential', 'X']}, {X: 'https://example.org/#X'})],
  ['inline vocab', base({credentialSubject: {size: 5.5, year: 2023, ok: true, no: false, none: null}}, {'@vocab': 'https://example.org/v#'})],
  ['numbers', base({credentialSubject: {a: [0, -1, 1e21, 1.5e-7, 12345678901234, 0.1, 100.0]}}, {'@vocab': 'https://example.org/v#'})],
  ['wrapped inline context', base({type: ['VerifiableCredential', 'X']}, {'@context': {X: 'https://example.org/#X'}})],
  ['typed values', base({credentialSubject: {when: '2026-01-01', n: '7'}}, {
    xsd: 'http://www.w3.org/2001/XMLSchema#', ex: 'https://example.org/#',
    when: {'@id': 'ex:when', '@type': 'xsd:date'}, n: {'@id': 'ex:n', '@type': 'xsd:integer'}
  })],
  ['json literal', base({credentialSubject: {data: {b: [1, {'@value': 'not JSON-LD'}], a: 'ü', z: 1e30}}}, {data: {'@id': 'https://example.org/#data', '@type': '@json'}})],
  ['list', base({credentialSubject: {steps: ['one', 'two', 'two', {id: 'did:example:three'}]}}, {steps: {'@id': 'https://example.org/#steps', '@container': '@list'}}), 'ours'],
  ['empty list', base({credentialSubject: {id: 'did:example:s', steps: []}}, {steps: {'@id': 'https://example.org/#steps', '@container': '@list'}})],
  ['lists of lists', base({credentialSubject: {steps: [['a'], ['b', 'c']]}}, {steps: {'@id': 'https://example.org/#steps', '@container': '@list'}})],
  ['set', base({credentialSubject: {tags: ['b', 'a', 'b']}}, {tags: {'@id': 'https://example.org/#tag', '@container': '@set'}})],
  ['language map', base({credentialSubject: {label: {vi: ['Hàn', 'Thợ hàn'], lo: 'ຈອດ'}}}, {label: {'@id': 'https://example.org/#label', '@container': '@language'}})],
  ['index map', base({credentialSubject: {by: {one: {id: 'did:example:1'}, two: [{id: 'did:example:2'}]}}}, {by: {'@id': 'https://example.org/#by', '@container': '@index'}})],
  ['id map', base({credentialSubject: {by: {'did:example:1': {name: 'One'}}}}, {by: {'@id': 'https://example.org/#by', '@container': '@id'}})],
  ['type map', base({credentialSubject: {by: {'https://example.org/#T': {id: 'did:example:1'}}}}, {by: {'@id': 'https://example.org/#by', '@container': '@type'}}), 'oracle'],
  ['graph', base({credentialSubject: {g: {id: 'did:example:1', name: 'in a graph'}}}, {g: {'@id': 'https://example.org/#g', '@container': '@graph'}})],
  ['reverse', base({credentialSubject: {id: 'did:example:s', taughtBy: {id: 'did:example:t'}}}, {taughtBy: {'@reverse': 'https://example.org/#teaches'}})],
  ['scoped context by type', base({credentialSubject: {type: 'Course', credits: 3}}, {
    Course: {'@id': 'https://example.org/#Course', '@context': {credits: 'https://example.org/#credits'}}
  })],
  ['scoped context by property', base({credentialSubject: {course: {title: 'Hàn TIG'}}}, {
    course: {'@id': 'https://example.org/#course', '@context': {title: 'https://example.org/#title'}}
  })],
  ['no propagation', base({credentialSubject: {course: {type: 'Course', credits: 3, next: {name: 'later'}}}}, {
    course: 'https://example.org/#course', next: 'https://example.org/#next',
    Course: {'@id': 'https://example.org/#Course', '@context': {'@propagate': false, credits: 'https://example.org/#credits'}}
  })],
  ['nest', base({credentialSubject: {id: 'did:example:s', names: {name: 'nested'}}}, {names: '@nest'})],
  ['included', base({credentialSubject: {id: 'did:example:s', also: [{id: 'did:example:x', name: 'also'}]}}, {also: '@included'})],
  ['blank nodes', base({credentialSubject: {id: '_:b7', name: 'x', knows: {id: '_:b7'}}}, {knows: {'@id': 'https://example.org/#knows', '@type': '@id'}}), 'oracle'],
  ['equal siblings', base({credentialSubject: Array.from({length: 4}, () => ({name: 'same'}))})],
  ['compact IRIs', base({credentialSubject: {'ex:a': 'b', 'ex:c': {'@id': 'ex:d'}}}, {ex: 'https://example.org/#'})],
  ['escapes', base({name: 'quote " backslash \\ newline \n tab \t bell \u0007 nel \u0085 del \u007f snowman ☃ 🎓'})],
  ['default language', base({credentialSubject: {label: 'nhãn'}}, {'@language': 'vi', label: 'https://example.org/#label'})],
  ['term set to null', base({credentialSubject: {id: 'did:example:s', secret: null}}, {secret: 'https://example.org/#s'})],
  ['type is an IRI', base({type: ['VerifiableCredential', 'https://example.org/#C']})],
  ['aliases of keywords', base({credentialSubject: {kind: 'https://example.org/#K', ident: 'did:example:s'}}, {kind: '@type', ident: '@id'}), 'oracle'],
  ['VC 1.1', {
    '@context': ['https://www.w3.org/2018/credentials/v1', 'https://w3id.org/security/data-integrity/v2', {name: 'https://schema.org/name'}],
    type: ['VerifiableCredential'], issuer: 'did:example:i', issuanceDate: '2020-03-16T22:37:26.544Z',
    credentialSubject: {id: 'did:example:s', name: 'Alice'}
  }]
];

/** `[name, document]`: documents that lose data or break a rule; safe mode refuses each. */
export const REFUSED = [
  ['undefined term', base({credentialSubject: {id: 'did:example:s', unheardOf: 1}})],
  ['undefined type', base({type: ['VerifiableCredential', 'Unheard']})],
  ['type under a null vocab', base({type: ['VerifiableCredential', 'Unheard']}, {'@vocab': null})],
  ['protected term', base({}, {VerifiableCredential: 'https://example.org/#Other'})],
  ['protected by an inline context', base({type: ['VerifiableCredential', 'X']}, {'@protected': true, X: 'https://example.org/#X'}, {X: 'https://example.org/#Y'})],
  ['relative id', base({id: 'not-a-url'})],
  ['relative subject id', base({credentialSubject: {id: 'someone', name: 'x'}})],
  ['relative issuer', base({issuer: 'fake-issuer'})],
  ['value object with a stranger', base({name: {'@value': 'x', '@language': 'en', url: 'did:example:x'}})],
  ['two ids', base({id: ['https://example.org/1', 'https://example.org/2']})],
  ['id is a number', base({id: 4})],
  ['type is a number', base({type: ['VerifiableCredential', 4]})],
  ['unknown context', base({}, 'https://example.com/contexts/unknown')],
  ['context is a number', base({}, 123192875)],
  ['keyword-like term', base({credentialSubject: {id: 'did:example:s', '@sneaky': 'x'}})],
  ['bad language', base({name: {'@value': 'x', '@language': 7}})],
  ['bad language tag', base({name: {'@value': 'x', '@language': 'not a tag'}})],
  ['bad direction', base({name: {'@value': 'x', '@direction': 'up'}})],
  ['cyclic term', base({}, {a: 'b:x', b: 'a:x'})],
  ['free-floating value', base({credentialSubject: [{id: 'did:example:s'}, 'a string']})]
];
