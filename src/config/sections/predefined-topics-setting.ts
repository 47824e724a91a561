/** Where the pre-defined topic ids are. */
import { file } from '../setting-kinds.ts';

export const predefinedTopicsSetting = file()
  .optional()
  .meta({
    description: 'File with pre-defined topic ids. Absent: there are none.',
    examples: ['predefined-topics.yaml'],
  });
