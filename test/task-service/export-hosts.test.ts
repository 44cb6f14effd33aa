import { describe, expect, it } from 'vitest';
import { loadTitanConfig } from '../../src/config.js';
import { isExportHost, readExportHosts } from '../../src/task-service/export-hosts.js';

function allows(setting: string, url: string): boolean {
  const hosts = readExportHosts(setting);
  if (typeof hosts === 'string') throw new Error(hosts);
  return isExportHost(hosts, new URL(url));
}

describe('TITAN_EXPORT_HOSTS', () => {
  it.each([
    ['files.example.com', 'https://files.example.com/x?y'],
    ['files.example.com', 'https://FILES.example.com.:8443/x'],
    ['files.example.com:443', 'https://files.example.com/x'],
    ['files.example.com:80', 'http://files.example.com/x'],
    ['*.s3.amazonaws.com', 'https://bucket.eu.s3.amazonaws.com/x'],
    ['a.example, b.example\tc.example', 'https://c.example/'],
    ['127.0.0.1:9000', 'http://127.0.0.1:9000/x'],
    ['127.0.0.1', 'http://127.1:9000/x'],
    ['::1', 'http://[::1]:9000/x'],
    ['[::1]:9000', 'http://[0:0:0:0:0:0:0:1]:9000/x'],
    ['localhost', 'http://localhost:1/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
  ])('%j allows %s', (setting, url) => {
    expect(allows(setting, url)).toBe(true);
  });

  it.each([
    ['', 'https://files.example.com/x'],
    ['example.com', 'https://files.example.com/x'],
    ['files.example.com', 'https://files.example.com.evil.example/x'],
    ['files.example.com', 'https://evil.example/files.example.com'],
    ['files.example.com:443', 'https://files.example.com:8443/x'],
    ['*.example.com', 'https://example.com/x'],
    ['*.example.com', 'https://evilexample.com/x'],
    ['*.0.0.1.example', 'http://127.0.0.1/x'],
    ['localhost', 'http://127.0.0.1/x'],
    ['127.0.0.1', 'http://[::1]/x'],
  ])('%j does not allow %s', (setting, url) => {
    expect(allows(setting, url)).toBe(false);
  });

  it.each([
    ['https://files.example.com', 'TITAN_EXPORT_HOSTS must list hosts alone'],
    ['files.example.com/exports', 'TITAN_EXPORT_HOSTS must list hosts alone'],
    ['user:canary@files.example.com', 'TITAN_EXPORT_HOSTS must list hosts alone'],
    ['*', 'TITAN_EXPORT_HOSTS has an entry that is no host ("*")'],
    ['files.*.example.com', 'TITAN_EXPORT_HOSTS has an entry that is no host ("files.*.example.com")'],
    ['files.example.com:99999', 'TITAN_EXPORT_HOSTS has an entry that is no host'],
    ['*.com', 'TITAN_EXPORT_HOSTS allows too much by "*.com"'],
    ['*.localhost', 'TITAN_EXPORT_HOSTS allows too much by "*.localhost"'],
    ['*.0.0.1', 'TITAN_EXPORT_HOSTS allows too much by "*.0.0.1"'],
  ])('%j is refused', (TITAN_EXPORT_HOSTS, told) => {
    const load = (): unknown => loadTitanConfig({ TITAN_TOKEN: 't', TITAN_EXPORT_HOSTS });
    expect(load).toThrow(told);
    expect(load).not.toThrow(/canary/);
  });
});
