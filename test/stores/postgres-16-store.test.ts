import { testStore } from './contract.js';
import { openPostgresUnderTest } from './postgres-under-test.js';

testStore('postgres 16', () => openPostgresUnderTest(16));
