import { describe, expect, it } from 'vitest';
import { createForeignText, cutForeign } from '../../src/domain/foreign-text.js';

describe('foreign texts', () => {
  it('are left as they are where they are short and hold no secret', () => {
    expect(createForeignText(['geheim'])('all is well')).toBe('all is well');
  });

  it('are cut to 2 kB, between characters, and say how much is missing', () => {
    expect(cutForeign('x'.repeat(2_000))).toBe('x'.repeat(2_000));
    expect(cutForeign('x'.repeat(900_000))).toBe(`${'x'.repeat(2_000)}… (898000 more bytes)`);
    expect(cutForeign('€'.repeat(1_000))).toBe(`${'€'.repeat(666)}… (1002 more bytes)`);
    expect(cutForeign('😀'.repeat(1_000))).toBe(`${'😀'.repeat(500)}… (2000 more bytes)`);
  });

  it('hold no secret, however it is spelled', () => {
    const mask = createForeignText(['s3cr"t/ä', 's3cr']);
    expect(mask('token s3cr"t/ä, {"token":"s3cr\\"t/ä"}, ?token=s3cr%22t%2F%C3%A4; s3cr')).toBe(
      'token ***, {"token":"***"}, ?token=***; ***',
    );
  });

  it('are masked before they are cut, so that no half of a secret is left', () => {
    const mask = createForeignText(['geheimnis']);
    expect(mask(`${'x'.repeat(1_995)}geheimnis`)).toBe(`${'x'.repeat(1_995)}***`);
  });

  it('keep their words where a secret is very short, and mask it where it stands alone', () => {
    const mask = createForeignText(['a1', '']);
    expect(mask('pin a1 refused for data1')).toBe('pin *** refused for data1');
  });

  it('may hold what means something in a pattern', () => {
    expect(createForeignText(['a.b*c-d'])('a.b*c-d axbxcxd')).toBe('*** axbxcxd');
  });
});
