import { describePage } from './describe-page.ts';
import { TOOLS } from './tools-page.ts';

describePage(TOOLS);
