import { html, render } from './library/html.ts';

const root = document.getElementById('page');
if (root !== null) {
  render(html`<h1>MQTT-SN gateway</h1>`, root);
}
