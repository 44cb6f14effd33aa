import { describe, expect, it } from 'vitest';
import { readNoProxy } from '../../src/proxies/no-proxy.js';

describe('NO_PROXY', () => {
  it.each([
    ['*', 'api.example.com', 443],
    ['example.com', 'example.com', 443],
    ['example.com', 'api.example.com', 443],
    ['.example.com', 'api.example.com', 443],
    ['*.example.com', 'api.example.com', 443],
    ['EXAMPLE.com', 'Api.Example.Com', 443],
    ['example.com', 'api.example.com.', 443],
    ['example.com:8443', 'example.com', 8443],
    ['a.example, b.example', 'b.example', 80],
    ['a.example b.example\tc.example', 'c.example', 80],
    ['localhost,127.0.0.1', '127.0.0.1', 9000],
    ['127.0.0.1:9000', '127.0.0.1', 9000],
    ['10.0.0.0/8', '10.20.30.40', 443],
    ['::1', '[::1]', 443],
    ['[::1]', '::1', 443],
    ['[::1]:8080', '[::1]', 8080],
    ['fd00::/8', '[fd12::1]', 443],
    ['0:0:0:0:0:0:0:1', '::1', 443],
  ])('%j exempts %s, port %d', (text, host, port) => {
    expect(readNoProxy(text)(host, port)).toBe(true);
  });

  it.each([
    ['', 'api.example.com', 443],
    [' , ,', 'api.example.com', 443],
    ['example.com', 'notexample.com', 443],
    ['api.example.com', 'example.com', 443],
    ['example.com:8443', 'example.com', 443],
    ['127.0.0.1:9000', '127.0.0.1', 9001],
    ['10.0.0.0/8', '11.0.0.1', 443],
    ['10.0.0.0/8', 'ten.example.com', 443],
    ['10.0.0.0/99', '10.0.0.1', 443],
    ['0.1', '10.0.0.1', 443],
    ['.', 'example.com', 443],
    ['exam*.com', 'example.com', 443],
    ['[', 'example.com', 443],
  ])('%j does not exempt %s, port %d', (text, host, port) => {
    expect(readNoProxy(text)(host, port)).toBe(false);
  });
});
