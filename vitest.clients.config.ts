import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The examples in other languages: installing their SDKs takes minutes the first time. */
export default defineConfig(mergeConfig({ ...base, test: { ...base.test, include: [], exclude: [] } }, { test: { include: ['test/examples/*.test.ts'] } }));
