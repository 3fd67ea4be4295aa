import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeStruct, parseBody } from '../../../../src/infra/embedded/toxiproxy/api/decode.ts';
import { parseGoJson, toGoJson, type GoJson } from '../../../../src/infra/embedded/toxiproxy/api/go-json.ts';

function plain(value: GoJson): unknown {
  if (value.kind === 'object') return Object.fromEntries(value.members.map(([name, member]) => [name, plain(member)]));
  if (value.kind === 'array') return value.items.map(plain);
  if (value.kind === 'number') return Number(value.literal);
  return value.kind === 'null' ? null : value.value;
}

describe('JSON as Go reads it', () => {
  test('P01 any JSON has the value that JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), fc.constantFrom('', ' ', '\n\t'), fc.string(), (text, space, rest) => {
        expect(plain(parseGoJson(`${space}${text}${/^[\d.eE+-]/.test(rest) ? '' : rest}`))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('P01 any text gives a value or one of the decoder\'s errors, never anything else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'u', '0', '1', '-', '.', 'e', 't', 'true', 'null', ' ', 'é')), (pieces) => {
        let message = 'invalid character';
        try {
          parseGoJson(pieces.join(''));
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message).toMatch(/^(EOF|unexpected EOF|invalid character)/);
      }),
    );
  });

  // Each text as Shopify's server (built with Go 1.26) answered it.
  test.each([
    ['', 'EOF'],
    ['  ', 'EOF'],
    ['{', 'unexpected EOF'],
    ['{"a":"x', 'unexpected EOF'],
    ['xx', "invalid character 'x' looking for beginning of value"],
    ['{"name":"a",}', "invalid character '}' looking for beginning of object key string"],
    ['{"name":"a" "b"}', "invalid character '\"' after object key:value pair"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    [String.raw`{"a":"\x"}`, "invalid character 'x' in string escape code"],
    [String.raw`{"a":"\u12g"}`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
    ['{"a":"b\nc"}', String.raw`invalid character '\n' in string literal`],
    ["{'a':1}", String.raw`invalid character '\'' looking for beginning of object key string`],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":\u0001}', String.raw`invalid character '\x01' looking for beginning of value`],
  ])('P01 %j is refused with %j', (text, message) => {
    expect(() => parseGoJson(text)).toThrow(message);
  });

  test('P01 nesting without end is refused', () => {
    expect(() => parseGoJson('['.repeat(100_000))).toThrow('exceeded max depth');
  });

  test('P01 < > & and line separators are escaped in answers', () => {
    expect(toGoJson({ text: '<a&b>\u2028\u2029é' })).toBe(String.raw`{"text":"\u003ca\u0026b\u003e\u2028\u2029é"}`);
  });
});

describe('decoding', () => {
  const shape = { fields: { name: 'string', on: 'bool', count: 'int64', share: 'float32' }, typeName: 'x.Thing', fieldPrefix: 'Thing' } as const;
  const decode = (text: string): unknown => decodeStruct(parseBody(Buffer.from(text)), shape);

  test('P01 the last of several members counts, null and the unknown change nothing', () => {
    expect(decode('{"name":"a","NAME":"b","name":null,"more":{"name":"c"},"on":true}')).toEqual({ name: 'b', on: true });
    expect(decode('null')).toEqual({});
  });

  test.each([
    ['{"name":5}', 'json: cannot unmarshal number into Go struct field Thing.name of type string'],
    ['{"on":"x"}', 'json: cannot unmarshal string into Go struct field Thing.on of type bool'],
    ['{"count":1.5}', 'json: cannot unmarshal number 1.5 into Go struct field Thing.count of type int64'],
    ['{"count":1e2}', 'json: cannot unmarshal number 1e2 into Go struct field Thing.count of type int64'],
    ['{"count":9223372036854775808}', 'json: cannot unmarshal number 9223372036854775808 into Go struct field Thing.count of type int64'],
    ['{"count":[1]}', 'json: cannot unmarshal array into Go struct field Thing.count of type int64'],
    ['{"share":1e39}', 'json: cannot unmarshal number 1e39 into Go struct field Thing.share of type float32'],
    ['{"share":{}}', 'json: cannot unmarshal object into Go struct field Thing.share of type float32'],
    ['5', 'json: cannot unmarshal number into Go value of type x.Thing'],
    ['[]', 'json: cannot unmarshal array into Go value of type x.Thing'],
    ['{', 'unexpected EOF'],
  ])('P01 %s is refused with %j', (text, message) => {
    expect(() => decode(text)).toThrow(`bad request body: ${message}`);
  });

  test.each([[0.1, 0.1], [0.30000001, 0.3], [123456789, 123456790], [1e-7, 1e-7], [1e21, 1e21], [-1, -1], [0.333333333, 0.33333334]])('P01 %d becomes the float32 that prints as %d', (given, shown) => {
    expect(decode(`{"share":${given}}`)).toEqual({ share: shown });
  });
});
