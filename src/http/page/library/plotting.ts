/** The one file that names uPlot. */
import uPlot from 'uplot';

export { uPlot };
