import { defineConfig } from 'vitest/config';
import base, { CLIENT_EXAMPLES } from './vitest.config.js';

/** The examples in other languages are apart: they need those languages, and minutes to install the first time. */
export default defineConfig({ test: { ...base.test, include: [CLIENT_EXAMPLES], exclude: [] } });
