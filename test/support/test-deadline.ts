/** Run before each test file (`setupFilesAfterEnv` of jest): every test and hook has the same limit. */
import { jest } from '@jest/globals';
import { TEST_DEADLINE } from './deadline.ts';

jest.setTimeout(TEST_DEADLINE);
